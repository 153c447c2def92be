#!/bin/sh
# diagnose-linux: looks at what Microsoft's articles ask about a Linux guest, and changes nothing.
#
# For:     every code whose cause lies in the guest: the agent's and its extensions' state, disks, mounts,
#          configuration, network, SELinux.
# Does:    reads, for less than a minute, and tells what it saw in "after" and what stands out in "after.findings".
#          What could not be seen is null, never taken for well.
# Never:   writes anything.
# Undo:    nothing to undo.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout
#          https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot
name='diagnose-linux'

# >>> every script
set -fu
umask 077
exec 2>/dev/null
LC_ALL=C
PATH=/usr/sbin:/usr/bin:/sbin:/bin
export LC_ALL PATH
before='{}' after='{}' changed='' undo='' next=''

# Prints any bytes as a JSON string in ASCII, cut after 200 characters. Bytes that are not UTF-8 become U+FFFD.
json() {
    printf '%s' "$1" | od -An -v -tu1 | awk '
        function put(u) {
            if (++n > 200) return
            if (u == 34 || u == 92) out = out "\\" sprintf("%c", u)
            else if (u > 31 && u < 127) out = out sprintf("%c", u)
            else if (u < 65536) out = out sprintf("\\u%04x", u)
            else out = out sprintf("\\u%04x\\u%04x", 55296 + int((u - 65536) / 1024), 56320 + (u - 65536) % 1024)
        }
        function finish() {
            if (more) put(65533)
            more = 0
        }
        {
            for (i = 1; i <= NF; i++) {
                b = $i + 0
                if (more && b > 127 && b < 192) {
                    u = u * 64 + b - 128
                    if (--more == 0) put(u < least || u > 1114111 || (u > 55295 && u < 57344) ? 65533 : u)
                    continue
                }
                finish()
                if (b < 128) put(b)
                else if (b > 193 && b < 224) { more = 1; u = b - 192; least = 128 }
                else if (b > 223 && b < 240) { more = 2; u = b - 224; least = 2048 }
                else if (b > 239 && b < 245) { more = 3; u = b - 240; least = 65536 }
                else put(65533)
            }
        }
        END { finish(); print "\"" out (n > 200 ? "..." : "") "\"" }'
}

# Prints the one line. If it is longer than Run Command returns, parts are replaced by a mark ("cut").
tell() {
    for part in all before after changed; do
        case $part in
            before) before='{"cut":true}' ;;
            after) after='{"cut":true}' ;;
            changed) changed=',"cut"' ;;
        esac
        line=$(printf '{"script":"%s","version":1,"before":%s,"changed":[%s],"after":%s,"undo":%s,"problem":%s,"next":%s}' \
            "$name" "$before" "${changed#,}" "$after" "${undo:-null}" "$1" "${next:-null}")
        [ "${#line}" -gt 3500 ] || break
    done
    printf '%s\n' "$line"
}

fine() {
    tell null
    exit 0
}

# Tells the problem in the answer, never in the exit code: where a script fails, Azure drops its output.
problem() {
    tell "$(json "$1")"
    exit 0
}

need() {
    for tool in "$@"; do
        command -v "$tool" >/dev/null 2>&1 || problem "The command $tool is not there; nothing was changed by this step."
    done
}

for tool in od awk; do
    command -v "$tool" >/dev/null 2>&1 && continue
    tell "\"The command $tool is not there; nothing was changed.\""
    exit 0
done
# <<< every script

# >>> scripts that tell lists
# Prints the lines of a text as a JSON list, at most ten.
json_list() {
    list='' count=0
    while IFS= read -r line; do
        [ -n "$line" ] || continue
        count=$((count + 1))
        if [ "$count" -gt 10 ]; then
            list="$list,\"and more\""
            break
        fi
        list="$list,$(json "$line")"
    done <<EOF
$1
EOF
    printf '[%s]' "${list#,}"
}
# <<< scripts that tell lists

log=/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log
findings='' seen=''

# Adds a fact, as JSON.
saw() {
    seen="$seen,\"$1\":$2"
}

found() {
    findings="$findings,\"$1\""
}

# Prints a text as JSON, null if it is empty.
or_null() {
    if [ -n "$1" ]; then json "$1"; else printf null; fi
}

# Prints the second text as a list, null if the first text is empty.
list_of() {
    if [ -n "$1" ]; then json_list "$2"; else printf null; fi
}

# Runs a command for at most five seconds. Prints nothing if the command does not exist.
brief() {
    if command -v "$1" >/dev/null 2>&1; then
        timeout 5 "$@" 2>/dev/null </dev/null
    fi
}

# Prints the value of a key in the agent's configuration.
setting() {
    awk -v key="$1" -F= '
        /^[ \t]*#/ { next }
        { k = $1; gsub(/[ \t]/, "", k) }
        k == key { v = $2; sub(/#.*/, "", v); gsub(/^[ \t]+|[ \t\r]+$/, "", v); found = v }
        END { print found }' /etc/waagent.conf 2>/dev/null
}

# Prints whether a TCP port of the Azure host answers within three seconds: true, false, or null.
reaches() {
    if ! command -v bash >/dev/null 2>&1; then
        printf null
    elif timeout 3 bash -c "exec 3<>/dev/tcp/168.63.129.16/$1" >/dev/null 2>&1; then
        printf true
    else
        printf false
    fi
}

need awk grep sed sort tail timeout uniq

unit='' active=''
for each in walinuxagent.service waagent.service; do
    [ "$(brief systemctl show -p LoadState "$each")" = LoadState=loaded ] || continue
    unit=$each
    active=$(brief systemctl is-active "$each")
    boot=$(brief systemctl is-enabled "$each")
    saw boot "$(or_null "$boot")"
    [ "$active" = active ] || found agent-not-running
    [ "$boot" != disabled ] || found agent-not-at-boot
done
saw agent "$(or_null "$unit")"
saw active "$(or_null "$active")"
saw version "$(or_null "$(brief waagent -version | sed -n 1p)")"
python=$(brief python3 --version)
[ -n "$python" ] || python=$(brief /usr/libexec/platform-python --version)
saw python "$(or_null "$python")"

for each in Extensions.Enable Provisioning.Agent; do
    saw "$each" "$(or_null "$(setting "$each")")"
done
case $(setting Extensions.Enable) in
    [Nn]*) found extensions-disabled ;;
esac
saw selinux "$(or_null "$(brief getenforce)")"

# Look only at local file systems, because df could wait for one on the network.
local_ones=$(brief df -kPl)
full=$(printf '%s\n' "$local_ones" | awk 'NR > 1 && $NF ~ /^\// && ($5 + 0 > 94) { at = index($0, "%"); print substr($0, at + 2) " " $5 }')
saw nearly_full "$(list_of "$local_ones" "$full")"
[ -z "$full" ] || found disk-nearly-full

mounts=$(awk '$3 ~ /^(ext[234]|xfs|btrfs)$/ { print $2 " " $4 }' /proc/self/mounts 2>/dev/null)
twice=$(printf '%s\n' "$mounts" | sed 's/ .*//' | sort | uniq -d)
frozen=$(printf '%s\n' "$mounts" | awk '$2 ~ /(^|,)ro(,|$)/ { print $1 }')
# The agent and its extensions lie below /var/lib; Azure Backup does not support it without programs.
noexec=$(printf '%s\n' "$mounts" | awk '($1 == "/var" || $1 == "/var/lib") && $2 ~ /(^|,)noexec(,|$)/ { print $1 }')
saw mounted_twice "$(list_of "$mounts" "$twice")"
saw read_only "$(list_of "$mounts" "$frozen")"
saw no_programs "$(list_of "$mounts" "$noexec")"
[ -z "$noexec" ] || found var-mounted-noexec
[ -z "$twice" ] || found mounted-twice
[ -z "$frozen" ] || found mounted-read-only

# Look at the state of at most eight ext file systems.
unclean='' known=null
devices=$(awk '$3 ~ /^ext[234]$/ && $1 ~ /^\/dev\// { print $1 }' /proc/self/mounts 2>/dev/null | sort -u | sed 8q)
while IFS= read -r device; do
    [ -n "$device" ] || continue
    state=$(brief tune2fs -l "$device" | sed -n 's/^Filesystem state: *//p')
    [ -z "$state" ] || known=''
    case $state in
        '' | clean) ;;
        *) unclean="$unclean$device $state
" ;;
    esac
done <<EOF
$devices
EOF
saw not_clean "${known:-$(json_list "$unclean")}"
[ -z "$unclean" ] || found file-system-not-clean

sessions=$(brief iscsiadm -m session)
[ -z "$sessions" ] || found iscsi-sessions
saw iscsi "$(list_of "$(command -v iscsiadm)" "$sessions")"

conf=null
if [ -r /etc/azure/vmbackup.conf ]; then
    conf=$(json_list "$(awk '/^[ \t]*(#|;|$)/ { next } { print }' /etc/azure/vmbackup.conf)")
fi
saw vmbackup_conf "$conf"

reasons=null
telling='Failed to|freeze failed|freeze took|freezed by|open failed|timed.out|Error|safefreeze binary|load certificate'
telling="$telling|CRP timeout|LUN list|P(re|ost)[Ss]cript f|owner of the P(re|ost)Script|Plugin Host Precheck Failed"
if [ -r "$log" ]; then
    last=$(tail -n 2000 "$log" | grep -E "$telling" | tail -n 5)
    reasons=$(json_list "$last")
    case $last in
        *'PreScript failed'* | *'PostScript failed'* | *'script for '*timed*) found backup-script-failed ;;
    esac
    case $last in
        *'script file does not'* | *'owner of the P'* | *'Plugin Host Precheck Failed'*) found backup-script-not-usable ;;
    esac
    case $last in
        *'freeze timed-out'* | *'freeze took longer'* | *'timely Thaw'*) found freeze-too-slow ;;
    esac
    case $last in
        *'freezed by some other'*) found frozen-by-another ;;
    esac
    case $last in
        *'safefreeze binary is missing'*) found safefreeze-missing ;;
    esac
    case $last in
        *'unable to load certificate'*) found certificate-not-loaded ;;
    esac
    case $last in
        *'CRP timeout limit'*) found command-came-too-late ;;
    esac
    case $last in
        *'Failed to FIFREEZE'* | *'Failed to FITHAW'* | *'freeze failed'*) found freeze-failed ;;
    esac
    case $last in
        *'Failed to open'* | *'file open failed'*) found mount-not-opened ;;
    esac
fi
saw log "$reasons"

for port in 80 32526; do
    reached=$(reaches "$port")
    saw "host_$port" "$reached"
    [ "$reached" != false ] || found "host-port-$port-unreachable"
done

after="{\"findings\":[${findings#,}]$seen}"
[ "${#after}" -lt 3300 ] || after="{\"findings\":[${findings#,}],\"cut\":true}"
fine
