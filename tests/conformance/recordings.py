"""Let the tool's own code read recorded traffic of real Azure."""

from collections import Counter
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

from tests.conformance import sdists
from tests.conformance.cassette import Pair, read
from tests.conformance.losses import told
from tests.conformance.recorded import everything
from tests.conformance.refusals import absent, refused
from tests.conformance.relive import relive
from tests.conformance.verdict import Verdict
from tests.places import RECORDINGS

CASSETTE = RECORDINGS / "test_backup_rp.yaml"
NAME, ASKED = "recordings", "every recorded answer of an operation that the tool reads"


def judge() -> Verdict:
    """Parse all recordings, those in the SDK's packages too, and relive recorded backups."""
    recorded = everything()
    verdict = judge_pairs(chain(recorded.pairs, sdists.pairs()), recorded.unreadable)
    if CASSETTE.exists():
        verdict.wrong += list(relive(list(read(CASSETTE))))
        verdict.said += ", 2 backups relived to their recorded end"
    else:
        verdict.details.append("- the cassette of a whole backup is not beside the project")
    return verdict


def judge_folder(folder: Path) -> Verdict:
    """Parse all recordings in a folder."""
    recorded = everything(folder)
    return judge_pairs(recorded.pairs, recorded.unreadable)


def judge_pairs(pairs: Iterable[Pair], unreadable: Iterable[str] = ()) -> Verdict:
    """Let the tool's own parsers read each pair. Everything that they miss is wrong."""
    verdict = Verdict(NAME, ASKED, "", list(unreadable))
    counts: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    kept: list[Pair] = []
    for pair in pairs:
        if pair.status >= 400:
            kept.append(pair)
        for kind, where, losses in told(pair):
            counts[f"{kind} {where}"] += 1
            wrong.update(f"{pair.origin}: {pair.path}: {loss}" for loss in losses)
    wrong.update(refused(kept, counts))
    wrong.update(absent(kept, counts))
    verdict.wrong += [f"{each} (x{n})" if n > 1 else each for each, n in wrong.items()]
    verdict.said = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    return verdict
