"""`python -m tests.fields`: write docs/fields.md. `--observe` plays all cases again first."""

import argparse

import tests.conftest  # noqa: F401 - fork the simulators as the tests do
from tests.fields import evidence, page
from tests.fields.observed import Seen, cases, observe
from tests.places import RECORDINGS


def main() -> None:
    """Renew the evidence if the recordings are there, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m tests.fields", description=__doc__)
    parser.add_argument("--observe", action="store_true", help="play all cases; takes minutes")
    how = parser.parse_args()
    seen = (
        observe(cases())
        if how.observe
        else [Seen(each.field, each.readers, each.simulated) for each in evidence.kept()]
    )
    if RECORDINGS.exists():
        evidence.keep(evidence.gathered(seen))
        evidence.kept.cache_clear()
    else:
        print(f"no recordings at {RECORDINGS}: the evidence stays as it was written down")
    page.PAGE.write_text(page.page(page.figures()), "utf-8")


if __name__ == "__main__":
    main()
