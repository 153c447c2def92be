"""A small interpreter of the PowerShell that the guest scripts and the pretended Windows use.

It is not PowerShell. It knows the few forms that occur there and refuses every other one, so that a
case can be played where no PowerShell is at hand. What it shows is the logic of a script: what the
script does when a call fails, and in which order. It follows strict mode 2, dynamic scopes, `trap`,
`finally`, and the way in which a pipeline takes lists apart. A new form in a script fails here with
the name of its node; then it is added, or the script is written more simply.
"""
