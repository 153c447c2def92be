#!/usr/bin/env bash
# Show what would be done about one failed job. It only reads; it changes nothing.
set -euo pipefail
: "${JOB_ID:?set JOB_ID to the ARM id of a failed backup job}"

remediate --job-id "$JOB_ID" --dry-run "$@"
