#!/bin/sh
# restart-agent: restarts the Azure Linux agent, half a minute after this script has ended.
#
# For:     GuestAgentSnapshotTaskStatusError, ExtensionOperationFailedForManagedDisks,
#          ManagedRPCreationFailedInCrpButExtensionSucceeded, while the agent still answers.
# Does:    enables the agent's service at boot, and has systemd restart it in 30 seconds: Run Command is carried by
#          the agent, so a restart within it would cut its own channel. Whether it worked must be looked for later.
# Never:   waits for the restart, stops the agent for good, or restarts the machine. Run again before the restart
#          came, it does nothing; run after it, it restarts again.
# Undo:    undo.txt in the folder that the answer names disables what was enabled; a restart needs no undoing.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout
#          https://learn.microsoft.com/azure/virtual-machines/run-command-overview
name='restart-agent'

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

# >>> scripts that change something
did() {
    changed="$changed,$(json "$1")"
}

# Makes the folder for undoing, once.
keep() {
    [ -z "$undo" ] || return 0
    need mkdir date
    folder="/var/lib/remediate/undo/$name-$(date -u +%Y%m%dT%H%M%SZ)"
    mkdir -p /var/lib/remediate/undo 2>/dev/null
    mkdir "$folder" 2>/dev/null || {
        folder="$folder-$$"
        mkdir "$folder" 2>/dev/null
    } || problem "The folder for undoing could not be made below /var/lib/remediate/undo; nothing was changed."
    undo=$(json "$folder")
}

# Adds to undo.txt the commands that undo the next change.
undo_by() {
    keep
    printf '%s\n' "$1" >>"$folder/undo.txt" || problem "What is needed to undo could not be written; nothing more was changed."
}
# <<< scripts that change something

timer=remediate-restart-agent.timer

need systemctl systemd-run
unit=''
for each in walinuxagent.service waagent.service; do
    [ "$(systemctl show -p LoadState "$each" 2>/dev/null)" = LoadState=loaded ] && unit=$each && break
done
[ -n "$unit" ] || problem "No service walinuxagent or waagent is known to systemd; nothing was changed."

# Prints the unit, whether it runs, whether it starts at boot, and whether its restart is waiting.
state() {
    printf '{"unit":"%s","active":%s,"boot":%s,"restart":%s}' "$unit" \
        "$(json "$(systemctl is-active "$unit" 2>/dev/null)")" \
        "$(json "$(systemctl is-enabled "$unit" 2>/dev/null)")" \
        "$(json "$(systemctl is-active "$timer" 2>/dev/null)")"
}

before=$(state)
case $(systemctl is-enabled "$unit" 2>/dev/null) in
    disabled)
        undo_by "systemctl disable $unit"
        systemctl enable "$unit" >/dev/null 2>&1 || problem "$unit could not be enabled at boot; it was not restarted."
        did "$unit starts at boot"
        ;;
    masked*) problem "$unit is masked, which somebody did on purpose; nothing was changed." ;;
esac
if [ "$(systemctl is-active "$timer" 2>/dev/null)" != active ]; then
    systemd-run --unit="${timer%.timer}" --on-active=30 --timer-property=AccuracySec=1s \
        systemctl restart "$unit" >/dev/null 2>&1 || problem "systemd took no order to restart $unit."
    did "$unit restarts in 30 seconds"
fi
after=$(state)
fine
