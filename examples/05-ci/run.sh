#!/usr/bin/env bash
# The first call scans and saves the plans. With APPLY=yes it applies exactly the saved plans. No
# terminal, no questions. Options that are given count for the call.
set -euo pipefail
out=${OUT:-remediation}

if [[ ${APPLY:-no} == yes ]]; then
    shopt -s nullglob
    plans=("$out"/plans/*.json)
    if [[ ${#plans[@]} == 0 ]]; then
        echo "no plan was approved: nothing to do"
        exit 0
    fi
    exec remediate apply "${plans[@]}" --yes --max-errors "${MAX_ERRORS:-2}" \
        --timeout "${TIMEOUT:-50m}" -o text -o "$out/applied.json" -o "$out/applied.md" \
        -o "$out/applied.xml" "$@" </dev/null
fi

mkdir -p "$out"
exec remediate scan --since "${SINCE:-24h}" --out-plans "$out/plans" \
    -o text -o "$out/scan.txt" -o "$out/scan.json" -o "$out/scan.md" -o "$out/scan.xml" \
    "$@" </dev/null
