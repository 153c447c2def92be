#!/bin/sh
# The script that an administrator would write: four looks at each failed job, eight jobs at a time.
# Each line of the input is: vault's group, vault, job, VM's group, VM, group of the restore points.
exec xargs -P 8 -L 1 sh -c '
    az backup job show -g "$0" -v "$1" -n "$2" >/dev/null &&
    az vm get-instance-view -g "$3" -n "$4" >/dev/null &&
    az lock list -g "$5" >/dev/null &&
    az backup item list -g "$0" -v "$1" --backup-management-type AzureIaasVM >/dev/null
'
