"""azure-cli, unmodified, runs the commands that Microsoft's articles give to an administrator.

`azure_cli.yaml` holds the commands and the output that each must give. Later commands depend on
earlier ones.
"""

import json
import os
import re
import subprocess
import tempfile
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from string import Template
from typing import Any

from ruamel.yaml import YAML

from remediator.simulator.process import SimulatorProcess
from remediator.simulator.times import seconds_of
from tests.conformance import install
from tests.conformance.verdict import Verdict

HERE = Path(__file__).parent
SPEED = 10.0
"""It is slow enough for a Retry-After of at least a second: az takes 0 for its default of 30."""
_KEYS = {"az", "query", "is", "fails", "exit", "keep", "after", "output"}


@dataclass
class Cli:
    """azure-cli with its own configuration, pointed at a simulator."""

    program: Path
    cloud: SimulatorProcess
    home: Path
    identity: bool = False
    ran: list[str] = field(default_factory=list)

    def run(self, line: str, *extra: str) -> subprocess.CompletedProcess[str]:
        self.ran.append(line)
        return self.call([*_words(line), *extra])

    def call(self, words: list[str]) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.program), *words],
            env=self._environment(),
            capture_output=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )

    def _environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not re.match("(?i)AZURE_|.*_proxy", k)}
        ours = {
            "AZURE_CONFIG_DIR": str(self.home),
            "AZURE_CORE_COLLECT_TELEMETRY": "no",
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            "AZURE_CORE_NO_COLOR": "yes",
            "AZURE_CORE_OUTPUT": "json",
            "AZURE_EXTENSION_USE_DYNAMIC_INSTALL": "no",
            "NO_PROXY": "localhost,127.0.0.1",
            "REQUESTS_CA_BUNDLE": self.cloud.ca_file or "",
        }
        if self.identity:
            ours["IDENTITY_ENDPOINT"] = self.cloud.identity_url
            ours["IDENTITY_HEADER"] = self.cloud.identity_header
        return kept | ours


def _words(line: str) -> list[str]:
    """Split at blanks that are not inside double quotes, and remove the quotes."""
    return [word.replace('"', "") for word in re.findall(r'(?:[^\s"]|"[^"]*")+', line)]


def _variables(cloud: SimulatorProcess) -> dict[str, str]:
    now = datetime.fromisoformat(cloud.now())
    machines = {f"id_{vm['name']}": str(vm["id"]) for vm in cloud.state()["vms"]}
    return machines | {
        "url": cloud.url,
        "subscription": cloud.subscriptions[0],
        "client": cloud.client_id,
        "secret": cloud.client_secret,
        "tenant": cloud.tenant_id,
        "yesterday": (now - timedelta(days=1)).strftime("%d-%m-%Y"),
        "last_week": (now - timedelta(days=7)).strftime("%d-%m-%Y"),
        "in_a_month": (now + timedelta(days=30)).strftime("%d-%m-%Y"),
        "item": "-g rg-backup -v vault-main --backup-management-type AzureIaasVM",
        "vault": "-g rg-backup -v vault-main",
    }


def _matches(found: Any, wanted: Any) -> bool:
    """Compare with the wanted value, in lists and objects too. A text in slashes is a pattern."""
    if isinstance(wanted, str) and len(wanted) > 1 and wanted[0] == wanted[-1] == "/":
        return re.search(wanted[1:-1], str(found), re.IGNORECASE) is not None
    if isinstance(wanted, dict) and isinstance(found, dict):
        return wanted.keys() == found.keys() and all(_matches(found[k], wanted[k]) for k in wanted)
    if isinstance(wanted, list) and isinstance(found, list):
        return len(wanted) == len(found) and all(map(_matches, found, wanted))
    return bool(found == wanted)


class Chain:
    """Runs the steps of one chain of commands."""

    def __init__(self, cli: Cli, variables: dict[str, str]) -> None:
        self._cli = cli
        self._variables = variables
        self.wrong: list[str] = []

    def step(self, step: dict[str, Any]) -> None:
        if unknown := step.keys() - _KEYS:
            raise ValueError(f"unknown keys {sorted(unknown)} in {step}")
        if "after" in step:
            self._cli.cloud.advance(seconds_of(step["after"]))
        line = self._fill(" ".join(step["az"].split()))
        if problem := self._try(line, step):
            self.wrong.append(f"`az {line}`: {problem}")
            install.say(f"WRONG az {line}: {problem}")

    def _try(self, line: str, step: dict[str, Any]) -> str | None:
        """Run a command once. Returns the problem with its answer, or None."""
        query = ["--query", self._fill(step["query"])] if "query" in step else []
        done = self._cli.run(line, *query)
        expected = step.get("exit", 1 if "fails" in step else 0)
        if "Traceback" in done.stderr or done.returncode != expected:
            return f"exit {done.returncode}, not {expected}: {done.stderr.strip()[-700:]}"
        if "fails" in step and not re.search(step["fails"], done.stderr):
            return f"the error is not {step['fails']}: {done.stderr.strip()[-700:]}"
        if step.get("output") == "text":
            return None if _matches(done.stdout, step["is"]) else f"it printed {done.stdout!r}"
        found = json.loads(done.stdout) if done.stdout.strip() else None
        if "is" in step and not _matches(found, self._filled(step["is"])):
            return f"it shows {json.dumps(found)[:700]}"
        if "keep" in step:
            self._variables[step["keep"]] = str(found)
        return None

    def _fill(self, text: str) -> str:
        return Template(text).safe_substitute(self._variables)

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._fill(value)
        if isinstance(value, list):
            return [self._filled(each) for each in value]
        if isinstance(value, dict):
            return {key: self._filled(each) for key, each in value.items()}
        return value


def judge() -> Verdict:
    """Run all chains on one simulator."""
    program = install.azure_cli()
    chains = YAML(typ="safe").load((HERE / "azure_cli.yaml").read_text(encoding="utf-8"))
    wrong: list[str] = []
    details: list[str] = []
    distinct: set[str] = set()
    with (
        SimulatorProcess(HERE / "estate.yaml", https=True, time="fast", speed=SPEED) as cloud,
        tempfile.TemporaryDirectory() as home,
    ):
        cli = Cli(program, cloud, Path(home) / "service-principal")
        variables = _variables(cloud)
        for chain in chains:
            install.say(f"az: {chain['chain']}")
            cli.identity = chain.get("as") == "managed identity"
            cli.home = Path(home) / ("managed" if cli.identity else "service-principal")
            cli.home.mkdir(exist_ok=True)
            cli.ran = []
            run = Chain(cli, variables)
            for step in chain["steps"]:
                run.step(step)
            wrong += run.wrong
            lines = set(cli.ran)
            distinct |= lines
            details.append(f"- {chain['chain']}: {len(lines)} commands")
    return Verdict(
        f"azure-cli {install.AZURE_CLI}, unmodified",
        "an administrator's work by hand: logins, locks, machines, extensions, collections, "
        "vaults, items, jobs, policies, protection, recovery points, roles, and what Azure refuses",
        f"{len(distinct)} distinct commands, each with its exit code and content",
        wrong,
        details,
    )
