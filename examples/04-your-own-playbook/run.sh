#!/usr/bin/env bash
# Fix a job with your own playbook. It replaces the built-in playbook for the same code.
set -euo pipefail
: "${JOB_ID:?set JOB_ID to the ARM id of a failed backup job}"
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

what=(--job-id "$JOB_ID" --playbooks "$here/playbooks" --allow downtime)

remediate "${what[@]}" --dry-run "$@"
remediate "${what[@]}" --yes "$@"
