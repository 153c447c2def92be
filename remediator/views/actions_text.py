"""The actions, shown to an author of playbooks at a terminal."""

from collections.abc import Iterable, Iterator

from rich.console import Console
from rich.text import Text

from remediator.language import _, listed
from remediator.playbook.abilities import Ability
from remediator.views.rows import AsWritten, labelled, show_rows


def show_actions(console: Console, found: Iterable[Ability]) -> None:
    """Show for each action what it does, its settings, impact, reads and permissions."""
    for ability in found:
        head = Text(ability.action, style="bold")
        impacts = listed(map(_, ability.impacts)) or _("changes nothing")
        head.append(f"  {impacts}", style="yellow")
        console.print(head)
        show_rows(console, _told(ability))
        console.print()


def _told(ability: Ability) -> Iterator[tuple[str, str]]:
    yield "", AsWritten(" ".join(ability.meaning.split()))
    for setting in ability.settings:
        other = _("default: {default}").format(default=setting.default)
        must = _("must be set") if setting.default is None else other
        meaning = " ".join(setting.meaning.split())
        yield _("setting"), AsWritten(f"{setting.name}: {setting.values}; {must}. {meaning}")
    if ability.needs:
        yield _("reads"), ", ".join(ability.needs)
    yield from labelled(_("calls"), (operation.value for operation in ability.operations))
    yield from labelled(_("needs"), ability.permissions)
