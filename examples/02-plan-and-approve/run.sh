#!/usr/bin/env bash
# Plan now, approve later, and apply exactly the approved plan.
# The first call saves the plan and shows all of it, with its id. The second call gets this id and applies it.
set -euo pipefail
plan=${PLAN:-plan.json}

if [[ -z ${APPROVED:-} ]]; then
    : "${JOB_ID:?set JOB_ID to the ARM id of a failed backup job}"
    remediate plan --job-id "$JOB_ID" --out "$plan" --details "$@"
    echo "saved in $plan; to approve it, look at it and run again with APPROVED=its plan id" >&2
    exit 0
fi

# The id is a digest of the whole plan. So this file is the approved plan only if it has this id.
if ! grep -qF "\"plan_id\": \"$APPROVED\"" "$plan"; then
    echo "$plan is not the plan $APPROVED" >&2
    exit 4
fi
remediate show "$plan" --details
remediate apply "$plan" --yes "$@"
