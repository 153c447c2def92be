"""`remediate record`: record Azure's answers about a job or a VM, scrubbed, in a file."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from remediator.assumptions import assess
from remediator.cli import Exit
from remediator.cli.connect import with_session
from remediator.cli.jobs import job_of
from remediator.cli.options.azure import AzureOptions
from remediator.cli.options.output import OutputOptions
from remediator.cli.options.recording import RecordOptions
from remediator.cli.output import put
from remediator.errors import BadInputError, RemediateError
from remediator.facts.settings import Settings
from remediator.inspect.locate import locate
from remediator.inspect.locate_vm import locate_vm
from remediator.playbook.catalogue import read_catalogue
from remediator.recording.file import check_free, name_for, write_whole
from remediator.recording.gather import Gathered, gather_job, gather_vm
from remediator.recording.pair import to_lines
from remediator.recording.recorder import Recorder
from remediator.recording.refusals import refused
from remediator.recording.scrub import scrub
from remediator.views.recording_text import show_recording

if TYPE_CHECKING:
    from remediator.azure.session import Session


def record(azure: AzureOptions, wanted: RecordOptions) -> int:
    """Read, scrub, write, and tell which assumptions the answers prove or refute.

    Raises:
        BadInputError: the person named neither or both of a job and a VM, or the file exists
            already.
        RemediateError: not even the job or the VM's vaults could be read. The answers so far are
            written anyway.
    """
    if (wanted.job_id is None) == (wanted.vm is None):
        raise BadInputError("say what to record: either --job-id ID or --vm VM")
    if wanted.job_id is not None:
        wanted = replace(wanted, job_id=job_of(wanted.job_id))
    file = wanted.file or name_for(datetime.now(UTC))
    check_free(file, replace=wanted.force)
    recorder = Recorder()

    async def go(session: "Session") -> int:
        gathered, failed = None, None
        try:
            gathered = await _gather(session, wanted)
        except RemediateError as error:
            failed = error
        if not recorder.pairs and failed:
            raise failed
        pairs = scrub(recorder.pairs, session.cloud.endpoint)
        write_whole(file, to_lines(pairs), replace=wanted.force)
        # The terminal shows the real names, because they help here. The file does not have them.
        unread = (*(gathered.unread if gathered else ()), *refused(recorder.pairs))
        put(
            OutputOptions(),
            lambda console: show_recording(
                console, file=str(file), pairs=len(pairs), unread=unread, judged=assess(pairs)
            ),
            {},
        )
        if failed:
            raise failed
        return Exit.UNFIXED if unread else Exit.OK

    return with_session(azure, go, recorder)


async def _gather(session: "Session", wanted: RecordOptions) -> Gathered:
    settings = Settings.told(wanted.backup_service, session.cloud.backup_app_id, None)
    if wanted.job_id is not None:
        ref = await locate(session.reader, wanted.job_id, wanted.scope, session.cloud.endpoint)
        return await gather_job(session.reader, ref, read_catalogue(wanted.playbooks), settings)
    vm = await locate_vm(session.reader, wanted.vm or "", wanted.scope)
    return await gather_vm(session.reader, vm, settings, wanted.vault)
