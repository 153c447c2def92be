#!/usr/bin/env bash
# Plan every failed job of a vault, and apply the plans if APPLY=yes. No terminal, no questions.
# JOB_IDS holds the jobs, one per line. Without it, the script asks the vault VAULT in VAULT_GROUP
# for the failed jobs of the last day.
set -euo pipefail
out=${OUT:-remediation}
mkdir -p "$out"

if [[ -z ${JOB_IDS+set} ]]; then
    : "${VAULT:?set VAULT and VAULT_GROUP, or JOB_IDS}" "${VAULT_GROUP:?set VAULT and VAULT_GROUP}"
    JOB_IDS=$(az backup job list --vault-name "$VAULT" --resource-group "$VAULT_GROUP" \
        --operation Backup --status Failed \
        --start-date "$(date -u -d yesterday +%d-%m-%Y)" --query '[].id' --output tsv)
fi

# The pipeline gets the worst exit code. The code for a lock that should be on is the worst.
worst=0
note() {
    local code
    for code in 5 130 1 64 4 3; do
        if [[ $1 == "$code" || $worst == "$code" ]]; then
            worst=$code
            return
        fi
    done
    [[ $1 == 0 ]] || worst=$1
}

plans=()
while IFS= read -r job; do
    [[ -n $job ]] || continue
    name=${job##*/}
    code=0
    remediate plan --job-id "$job" --out "$out/$name.plan.json" --output "$out/$name.txt" "$@" \
        </dev/null || code=$?
    [[ $code != 0 ]] || plans+=("$out/$name.plan.json")
    echo "$code $job"
    note "$code"
done <<<"$JOB_IDS"

if [[ ${APPLY:-no} == yes && ${#plans[@]} -gt 0 ]]; then
    code=0
    remediate apply "${plans[@]}" "$@" --yes --max-errors "${MAX_ERRORS:-2}" \
        --timeout "${TIMEOUT:-50m}" --output "$out/applied.txt" </dev/null || code=$?
    note "$code"
fi

if [[ -n ${GITHUB_STEP_SUMMARY:-} ]]; then
    for text in "$out"/*.txt; do
        [[ -e $text ]] || continue
        printf '````text\n%s\n````\n' "$(<"$text")" >>"$GITHUB_STEP_SUMMARY"
    done
fi
exit "$worst"
