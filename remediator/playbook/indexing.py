"""Makes the index of the playbooks; `make generate` writes it."""

import sys
from collections.abc import Iterable
from pathlib import Path

from remediator.change.step import Impact
from remediator.errors import PlaybookError
from remediator.installed import built_in_folder
from remediator.job.index import FILE, Advice, Remedy, Row, text
from remediator.job.wording import message
from remediator.playbook.abilities import Ability, abilities
from remediator.playbook.playbook import Playbook, Rung, load


def row(playbook: Playbook, file: str) -> Row:
    """The row of a playbook."""
    messages: dict[str, str] = {}
    for code, said in playbook.messages.items():
        for one in said.every():
            messages.setdefault(message(one), code)
    return Row(
        file=file,
        digest=playbook.digest,
        origin=playbook.origin,
        title=playbook.title,
        codes=playbook.codes,
        numbers=playbook.numbers,
        named_here=playbook.named_here,
        triage=playbook.triage,
        narrows=playbook.narrows,
        messages=messages,
        causes=playbook.causes,
        checks=playbook.checks,
        ladder=tuple(_remedy(rung) for rung in playbook.ladder),
        advice=playbook.manual.text,
        commands=playbook.manual.commands,
        by_system=tuple(
            Advice(system=name, text=part.text, commands=part.commands)
            for name, part in playbook.manual.systems.items()
        ),
        sources=playbook.sources,
    )


def rows(folder: Path) -> tuple[Row, ...]:
    """The rows of a folder's playbooks, by file name.

    Raises:
        PlaybookError: one of them is wrong.
    """
    files = sorted(folder.glob("*.yaml"))
    return tuple(row(load(path, "built-in"), path.name) for path in files)


def _remedy(rung: Rung) -> Remedy:
    used: list[Ability] = [abilities()[step.action] for step in rung.steps]
    impacts = tuple(i for i in Impact if any(i in ability.impacts for ability in used))
    return Remedy(
        rung=rung.rung,
        title=rung.title,
        when=rung.when,
        actions=tuple(step.action for step in rung.steps),
        impacts=tuple(impact.value for impact in impacts),
        opt_ins=tuple(impact.value for impact in impacts if impact.needs_opt_in),
        permissions=_in_order(p for ability in used for p in ability.permissions),
        only_asked=rung.only_asked,
    )


def _in_order(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))


def main() -> None:
    """Write the index of the built-in playbooks."""
    folder = built_in_folder()
    try:
        (folder / FILE).write_text(text(rows(folder)), encoding="utf-8")
    except PlaybookError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
