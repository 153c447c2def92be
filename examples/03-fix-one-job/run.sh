#!/usr/bin/env bash
# Fix one failed job, follow the new backup to its end, and say what the exit code means.
set -euo pipefail
: "${JOB_ID:?set JOB_ID to the ARM id of a failed backup job}"

code=0
remediate --job-id "$JOB_ID" --yes --timeout "${TIMEOUT:-3h}" "$@" || code=$?
case $code in
    0) echo "done: the backup works again, or nothing was left to do" >&2 ;;
    3) echo "not fixed, or a lock is on again: the report says what is next, and who is needed" >&2 ;;
    4) echo "refused: the subscription changed meanwhile; run again" >&2 ;;
    5) echo "A LOCK IS OFF, OR A VM'S POWER IS NOT AS IT WAS: put it back now, as the report says" >&2 ;;
    130) echo "interrupted: run again to see where things stand" >&2 ;;
    *) echo "failed with $code" >&2 ;;
esac
exit "$code"
