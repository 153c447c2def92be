#!/usr/bin/env bash
# Show what a run did. It reads the record of the last run, or the record that is given.
set -euo pipefail
state=${REMEDIATE_STATE:-$HOME/.local/state/remediate}
record=${1:-$(find "$state/runs" -name 'run-*.jsonl' -size +0 | sort | tail -n 1)}
: "${record:?no record in $state/runs}"

python3 - "$record" <<'PYTHON'
import json, sys

entries = [json.loads(line) for line in open(sys.argv[1], encoding="utf-8")]
for entry in entries:
    match entry["kind"]:
        case "began":
            print(entry["run_id"], entry["plan"]["job"]["vm_name"], entry["plan"]["failure"]["code"])
        case "lease":
            lock = entry["lock"]
            print("lock off", lock["name"], lock["level"], "on", lock["scope"], "notes:", lock["notes"])
        case "lease-returned":
            print("lock on ", entry["lock_id"])
        case "intent":
            request = entry["change"]["request"]
            print("sent    ", request["method"], request["url"])
        case "outcome":
            outcome = entry["outcome"]
            print("outcome ", outcome["result"], outcome["correlation_id"] or "-")
        case "job":
            print("job     ", entry["status"], entry["job_id"].rsplit("/", 1)[-1])
        case "concluded":
            print("verdict ", entry["verdict"] + ":", entry["text"])
if entries[-1]["kind"] != "concluded":
    sys.exit("interrupted: the record has no conclusion")
PYTHON
