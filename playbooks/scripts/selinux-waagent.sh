#!/bin/sh
# selinux-waagent: lets an enforcing SELinux run the backup extension.
#
# For:     UserErrorVmNotInDesirableState, VmNotInDesirableState, on Linux with SELinux enforcing.
# Does:    adds a local file-context rule that labels the backup extension's folders below /var/lib/waagent as
#          programs (bin_t), and restores their labels by it. Microsoft's text wants /var/lib/waagent excluded; the
#          rule here is narrower, since private keys lie beside the extension.
# Never:   makes SELinux permissive, or changes a rule that somebody else added for the same path.
# Undo:    undo.txt in the folder that the answer names takes the rule away and restores the labels.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot#usererrorvmnotindesirablestate---vm-is-not-in-a-state-that-allows-backups
name='selinux-waagent'

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

rule='/var/lib/waagent/Microsoft\.Azure\.RecoveryServices\.VMSnapshotLinux-[^/]*(/.*)?'

mode=Disabled
if command -v getenforce >/dev/null 2>&1; then
    mode=$(getenforce) || problem "getenforce failed; nothing was changed."
fi
before=$(printf '{"selinux":%s}' "$(json "$mode")")
after=$before
[ "$mode" = Enforcing ] || fine

need semanage restorecon grep
local_rules=$(semanage fcontext -l -C -n) || problem "semanage could not list the local rules; nothing was changed."
present=$(printf '%s\n' "$local_rules" | grep -F -e "$rule ")
before=$(printf '{"selinux":"Enforcing","rule":%s}' "$(json "$present")")
after=$before
case $present in
    *:bin_t:*) fine ;;
    ?*) problem "A local rule with another label is there for the backup extension; it was not changed." ;;
esac

undo_by "semanage fcontext -d '$rule'"
undo_by 'restorecon -R /var/lib/waagent'
semanage fcontext -a -t bin_t "$rule" >/dev/null 2>&1 || problem "semanage could not add the rule; nothing was changed."
did 'file-context rule for the backup extension'
restorecon -R /var/lib/waagent >/dev/null 2>&1 || problem "The rule is there, but restorecon could not restore the labels."
after=$(printf '{"selinux":"Enforcing","rule":%s}' "$(json "$(semanage fcontext -l -C -n | grep -F -e "$rule ")")")
fine
