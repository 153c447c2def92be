"""For Babel: texts that stand in no code of ours as a whole.

They are sentences of Typer and of pydantic, and the names of states with their values.
"""

from typing import Final

FOREIGN: Final = (
    "agent {agent}",
    "power {power}",
    "provisioning {provisioning}",
    "Invalid value for {option}: {told}",
    "Invalid value for {option} (env var: {variable}): {told}",
    "Missing argument {name}.",
    "Missing command.",
    "Missing option {name}.",
    "Missing parameter: {name}",
    "No such command {name}.",
    "No such command {name}. Did you mean {options}?",
    "No such option: {name}",
    "No such option: {name} (Possible options: {options})",
    "No such option: {name} Did you mean {options}?",
    "Option {name} does not take a value.",
    "Option {name} requires an argument.",
    "Option {name} requires {count} arguments.",
    "Got unexpected extra argument ({names})",
    "Got unexpected extra arguments ({names})",
    "Input should be a valid integer, unable to parse string as an integer",
    "Input should be a valid number, unable to parse string as a number",
    "Input should be greater than or equal to {least}",
    "Input should be less than or equal to {most}",
    "Show this message and exit.",
    "Install completion for the current shell.",
    "Show completion for the current shell, to copy it or customize the installation.",
)
