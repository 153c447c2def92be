"""`make conformance`: run the judges, write `docs/conformance.md`, fail if anything is unexplained.

If arguments name parts, only those parts run, and the page is printed instead of written. With
`--recordings DIR`, only the judges that read recordings run. They read those in the folder.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from remediator.simulator.log import TRAFFIC
from tests.conformance import (
    azure_cli,
    backwards,
    coverage,
    custodian,
    faults,
    install,
    oav,
    pasted,
    recordings,
    sdk,
    table,
    walk,
)
from tests.conformance.verdict import Verdict
from tests.places import ROOT, SPECIFICATIONS

FOLDER = install.HOME / "traffic"
BODIES = {
    "azure-cli": "the azure-cli run",
    "walk": "the plain HTTP walk, sent with the specifications' own api-versions",
    "suite": "the project's own tests",
}


@contextmanager
def recording(part: str) -> Iterator[Path]:
    """Let every simulator that starts here write its traffic to files."""
    folder = FOLDER / part
    shutil.rmtree(folder, ignore_errors=True)
    os.environ[TRAFFIC] = str(folder)
    try:
        yield folder
    finally:
        del os.environ[TRAFFIC]


def _suite() -> Verdict:
    """Run the whole test suite for its traffic."""
    arguments = ["-q", "-n", "2", "--dist", "worksteal", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *arguments],
        cwd=ROOT,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    lines = done.stdout.strip().splitlines() or ["it said nothing"]
    wrong = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
    if done.returncode and not wrong:
        wrong = [lines[-1]]
    asked = "the whole test suite, for its traffic (what oav judges below)"
    passed = re.search(r"\d+ passed", lines[-1])
    return Verdict("the project's own tests", asked, passed[0] if passed else "", wrong)


def _specifications() -> Verdict:
    """Let oav judge the traffic of the other parts."""
    judge = f"oav {install.OAV}"
    asked = (
        "every pair of request and answer, against Microsoft's specifications of 2021 "
        "(api-version rewritten to theirs)"
    )
    if not SPECIFICATIONS.exists():
        return Verdict(judge, asked, "the specifications are not beside the project", skipped=True)
    verdict = Verdict(judge, asked, "")
    bodies: list[oav.Judgement] = []
    for name, what in BODIES.items():
        if not (FOLDER / name).exists():
            verdict.details.append(f"- {what}: not run")
            continue
        found = oav.judge(FOLDER / name, name)
        bodies.append(found)
        verdict.wrong += [f"{name}: {each} (x{count})" for each, count in found.wrong.items()]
        verdict.details.append(
            f"- {what[0].upper()}{what[1:]}: {found.pairs} pairs, {len(found.covered)} operations."
        )
    verdict.details += _explained(bodies)
    covered = {operation for body in bodies for operation in body.covered}
    missing = coverage.uncovered(covered)
    verdict.wrong += [f"not covered: {each}" for each in missing]
    used = len(coverage.WRITES) + len(coverage.READS) + len(coverage.UNJUDGED)
    verdict.said = (
        f"{sum(body.pairs for body in bodies)} pairs, {len(covered)} operations, among them "
        f"{used - len(missing) - len(coverage.UNJUDGED)} of the {used} that the tool uses; no "
        "deviation but those that real Azure shows"
    )
    verdict.details += [f"- Not judged: {what}: {why}." for what, why in coverage.UNJUDGED.items()]
    verdict.details += [
        f"- Not in any specification: {what}: {why}." for what, why in coverage.UNSPECIFIED.items()
    ]
    return verdict


def _explained(bodies: list[oav.Judgement]) -> Iterator[str]:
    """What was allowed, by kind, over all traffic."""
    kinds = {
        "Deviations that recorded or published answers of Azure show": "real",
        "Fields that the traffic's own, later api-version declares": "newer",
        "Errors that the specification does not declare, so that they are not judged": "errors",
        "About which no specification is here": "passed_over",
    }
    for title, name in kinds.items():
        seen = sorted({each for body in bodies for each in getattr(body, name)})
        fields: dict[str, list[str]] = {}
        for each in seen:
            operation, _, rest = each.partition(": ")
            fields.setdefault(operation, []).append(rest.rpartition(": ")[2])
        listed = [
            f"{operation} ({', '.join(dict.fromkeys(names))})" if any(names) else operation
            for operation, names in fields.items()
        ]
        yield f"- {title}: {'; '.join(listed) or 'none'}."


PARTS: dict[str, Callable[[], Verdict]] = {
    "azure-cli": azure_cli.judge,
    "pasted": pasted.judge,
    "walk": walk.judge,
    "sdk": sdk.judge,
    "custodian": custodian.judge,
    "recordings": recordings.judge,
    "compare": backwards.judge,
    "faults": faults.judge,
    "suite": _suite,
    "oav": _specifications,
}


def _run(name: str, judge: Callable[[], Verdict]) -> Verdict:
    """Run one judge. If it cannot be installed or run, that is its failure; the others go on."""
    try:
        if name not in BODIES:
            return judge()
        with recording(name):
            return judge()
    except install.NotInstalledError as error:
        return Verdict(name, "", "it is not installed", [str(error)])
    except (OSError, subprocess.SubprocessError) as error:
        return Verdict(name, "", "it could not be run", [f"{type(error).__name__}: {error}"])


FOLDER_PARTS: dict[str, Callable[[Path], Verdict]] = {
    "recordings": recordings.judge_folder,
    "compare": backwards.judge_folder,
}
"""The judges that read recordings and can read a person's own folder of them."""


def main(arguments: list[str]) -> int:
    """Run the parts and return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.conformance", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--recordings", type=Path, metavar="DIR", help="judge by these recordings")
    chosen = parser.parse_args(arguments)
    parts = PARTS
    if folder := chosen.recordings:
        parts = {name: partial(judge, folder) for name, judge in FOLDER_PARTS.items()}
    if unknown := set(chosen.parts) - parts.keys():
        install.say(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
        return 64
    wanted = {name: parts[name] for name in parts if not chosen.parts or name in chosen.parts}
    verdicts = _judge(wanted)
    page = table.render(verdicts)
    if wanted.keys() != PARTS.keys():
        sys.stdout.write(page)
    else:
        table.PAGE.write_text(page, encoding="utf-8")
        install.say(f"written: {table.PAGE.relative_to(ROOT)}")
    return 1 if any(verdict.wrong for verdict in verdicts.values()) else 0


def _judge(parts: dict[str, Callable[[], Verdict]]) -> dict[str, Verdict]:
    """Run the parts, and print the findings of each at once."""
    verdicts: dict[str, Verdict] = {}
    for name, judge in parts.items():
        install.say(f"== {name}")
        verdicts[name] = _run(name, judge)
        install.say(verdicts[name].result)
        for problem in verdicts[name].wrong:
            install.say(f"  {problem}")
    return verdicts


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
