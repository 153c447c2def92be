"""`python -m remediator` is `remediate`."""

from remediator.cli import main

main()
