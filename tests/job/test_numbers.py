"""Azure's numbers work like its codes: in an option, in a job, in a text, and offline.

PowerShell's list of jobs leaves out the code, and an alert often shows only the number.
"""

import json
from pathlib import Path

import pytest

from remediator.job.dictionary import key
from remediator.job.failure import Confidence, classify
from remediator.playbook.catalogue import BUILT_IN, Catalogue, read_catalogue
from remediator.playbook.explain import explain
from remediator.playbook.playbook import load
from tests.job.messages import CATALOGUE, error, job
from tests.places import PLAYBOOKS, RECORDINGS

RECORDED = RECORDINGS / "cases" / "09-numbers-and-codes.json"

PAIRS = {
    # From recorded traffic.
    320001: "ResourceNotFound",
    380016: "UserErrorGuestAgentVersionUnsupported",
    400002: "BackUpOperationFailed",
    400004: "DataTransferFromVaultFailed",
    400048: "UserErrorBCMRestoreStorageAccountNotFound",
    400052: "DiffCopyFailedToTransferData",
    400136: "UserErrorVmNotFoundV2",
    400138: "UserErrorSubnetNotFoundV2",
    400158: "UserErrorJobSuccessfullyCancelled",
    400160: "UserErrorVmProvisioningStateFailed",
    400175: "UserErrorVmVaultLocationMismatch",
    400196: "UserErrorGuestAgentStatusUnavailable",
    400198: "UserErrorKeyvaultPermissionsNotConfigured",
    400199: "VMCreationTimeOutStorageErrorV2",
    400206: "ExtensionSnapshotFailedNoNetwork",
    400249: "UserErrorBackupOperationInProgress",
    400288: "UserErrorRpCollectionDeleted",
    400309: "UserErrorGenericResourceNotFound",
    400349: "UserErrorCrpReportedUserError",
    400367: "UserErrorUnsupportedConfigForUnmanagedToManaged",
    400380: "DiskAPIRevokeSASFailed",
    530212: "VMNotInRunningStateUserError",
    # Only from Microsoft's articles.
    380008: "AzureVmOffline",
    400094: "BCMV2VMNotFound",
}
NO_FAILURE = {400239: "IaasVmHealthGreenDefault"}
"""The number of a healthy item. A playbook for it would treat a VM that has no failure."""

EACH = pytest.mark.parametrize(("number", "code"), PAIRS.items())


def test_every_recorded_pair_is_known_and_no_other_stands_in_its_way() -> None:
    """If an article contradicts a recorded pair, the recorded pair is right."""
    if not RECORDED.is_file():
        pytest.skip(f"no recordings beside the project: {RECORDED}")
    recorded = {
        row["number"]: row["code"] for row in json.loads(RECORDED.read_text(encoding="utf-8"))
    }
    told = PAIRS | NO_FAILURE
    assert {n: key(told[n]) for n in recorded} == {n: key(c) for n, c in recorded.items()}
    codes = {key(code): number for number, code in recorded.items()}
    for playbook in CATALOGUE.playbooks:
        for code, number in playbook.numbers.items():
            assert recorded.get(number, code).casefold() == code.casefold()
            assert codes.get(key(code), number) == number


def test_no_number_is_in_a_playbook_and_not_in_this_table() -> None:
    told = {n: c for playbook in CATALOGUE.playbooks for c, n in playbook.numbers.items()}
    assert told == PAIRS


@EACH
def test_a_number_leads_to_the_playbook_of_its_code(number: int, code: str) -> None:
    wanted = CATALOGUE.find(code)
    assert wanted is not None
    assert CATALOGUE.find(str(number)) is not None
    assert CATALOGUE.find(str(number)) == wanted

    named = classify(job(error("?", "Unheard")), CATALOGUE, str(number))
    assert (named.code, named.confidence) == (code, Confidence.OPERATOR)

    for bare in (
        error("?", code=number),
        error("?", title=str(number)),
        error("?", code=f"{number}"),
    ):
        found = classify(job(bare), CATALOGUE)
        assert (found.code, found.confidence) == (code, Confidence.CERTAIN)
        assert str(number) in found.evidence

    for text in (f"ErrorCode: {number}", f"ErrorCode       : {number}", f"错误代码：{number}"):
        told = classify(job(error(text)), CATALOGUE)
        assert (told.code, told.confidence) == (code, Confidence.MENTIONED), text

    [found_offline] = explain(str(number), CATALOGUE).found
    assert (found_offline.code, found_offline.playbook.name) == (code, wanted.name)


@pytest.mark.parametrize("number", NO_FAILURE)
def test_the_number_of_a_healthy_item_is_no_failure(number: int) -> None:
    for asked in (str(number), NO_FAILURE[number]):
        assert CATALOGUE.find(asked) is None
        assert explain(asked, CATALOGUE).found == ()
    assert not classify(job(error("?", NO_FAILURE[number], number)), CATALOGUE).known


def test_the_title_counts_more_than_the_number() -> None:
    found = classify(job(error("?", "UserErrorRpCollectionDeleted", 400160)), CATALOGUE)
    assert found.code == "UserErrorRpCollectionDeleted"


MINE = """\
codes: [{code}]
{more}title: Mine
sources: [https://example.invalid]
causes: [none]
ladder: []
manual: {{text: Look.}}
"""


def mine(folder: Path, code: str, more: str = "", name: str = "mine") -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.yaml").write_text(MINE.format(code=code, more=more), encoding="utf-8")
    return folder


def test_a_number_leads_to_the_users_playbook_that_stands_in_for_its_code(tmp_path: Path) -> None:
    catalogue = read_catalogue(mine(tmp_path / "mine", "usererrorvmprovisioningstatefailed"))
    found = catalogue.find("400160")
    assert found is not None
    assert found.title == "Mine"
    row = catalogue.row("400160")
    assert row is not None
    assert row.title == "Mine"
    assert all(400160 not in p.numbers.values() for p in catalogue.playbooks)


def test_a_users_number_wins_over_a_built_in_one(tmp_path: Path) -> None:
    brought = load(mine(tmp_path, "Own", "numbers: {Own: 400160}\n") / "mine.yaml", "mine.yaml")
    found = Catalogue((brought,), PLAYBOOKS).find("400160")
    assert found is not None
    assert found.title == "Mine"
    assert found.origin != BUILT_IN


def test_a_number_is_claimed_by_one_code_alone(tmp_path: Path) -> None:
    mine(tmp_path, "Own", "numbers: {Own: 499001}\n", "a")
    mine(tmp_path, "Other", "numbers: {Other: 499001}\n", "b")
    with pytest.raises(Exception, match=r"b\.yaml:2: number 499001 belongs to .*a\.yaml:2"):
        read_catalogue(tmp_path)
