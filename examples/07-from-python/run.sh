#!/usr/bin/env bash
# Run fix.py for the jobs in JOB_ID, with the Python in which remediate is installed.
set -euo pipefail
: "${JOB_ID:?set JOB_ID to the ARM ids of failed backup jobs, one in a line}"

mapfile -t jobs <<<"$JOB_ID"
exec python "$(dirname "$0")/fix.py" "${jobs[@]}"
