#!/bin/sh
# freeze-wait: gives the backup extension ten minutes to freeze the guest's file systems.
#
# For:     UserErrorFsFreezeTimeout.
# Does:    sets SafeFreezeWaitInSeconds = 600 in /etc/azure/vmbackup.conf, if it is less. The extension's own value is 66.
# Never:   touches another setting, or how long file systems stay frozen: that is the key "timeout".
# Undo:    undo.txt in the folder that the answer names puts the file back.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot#usererrorfsfreezefailed---failed-to-freeze-one-or-more-mount-points-of-the-vm-to-take-a-file-system-consistent-snapshot
name='freeze-wait'

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

# >>> scripts that change a file
# Keeps a copy of the file, then replaces it with standard input: completely or not at all.
replace() {
    need cp cat mv cmp rm
    if [ -e "$1" ]; then
        keep
        cp -p "$1" "$folder/${1##*/}"
        cmp -s "$1" "$folder/${1##*/}" || problem "A copy of $1 could not be kept; nothing was changed."
        undo_by "cp -p '$folder/${1##*/}' '$1'"
        cp -p "$1" "$1.remediate" || problem "There is no room beside $1; it was not changed."
    else
        undo_by "rm '$1'"
    fi
    if cat >"$1.remediate" && mv "$1.remediate" "$1"; then
        return 0
    fi
    rm -f "$1.remediate"
    problem "$1 could not be written; it is as it was."
}
# <<< scripts that change a file

# >>> scripts that set a key of vmbackup.conf
conf=/etc/azure/vmbackup.conf

# Ends with a problem if the extension's own parser (Python's configparser) could not read the file.
readable() {
    need cat grep sed tr
    [ ! -L "$conf" ] || problem "$conf is a symbolic link; it was not changed."
    if [ ! -e "$conf" ]; then
        [ -d "${conf%/*}" ] || problem "There is no ${conf%/*}: the backup extension was never installed here."
        return 0
    fi
    [ -f "$conf" ] || problem "$conf is not a file."
    case $(od -An -v -tx1 "$conf" | tr -d ' \n' | sed 's/\(..\)/ \1/g') in
        *' 00'* | ' ef bb bf'* | ' ff fe'* | ' fe ff'*)
            next='"ascii"'
            problem "$conf is not in plain text (another encoding): conf-encoding comes first." ;;
    esac
    [ "$(grep -c '^\[SnapshotThread\]' "$conf")" -lt 2 ] ||
        problem "$conf has the section [SnapshotThread] twice, which its reader refuses; it was not changed."
}

# Prints the value of a key, empty if there is none. Upper and lower case in keys do not matter.
value_of() {
    [ -e "$conf" ] || return 0
    awk -v key="$1" '
        { line = $0; sub(/\r$/, "", line) }
        line ~ /^\[/ { inside = line ~ /^\[SnapshotThread\]/; next }
        !inside || line ~ /^[ \t]*[#;]/ { next }
        {
            at = match(line, /[=:]/)
            if (!at) next
            k = substr(line, 1, at - 1); v = substr(line, at + 1)
            gsub(/^[ \t]+|[ \t]+$/, "", k); gsub(/^[ \t]+|[ \t]+$/, "", v)
            if (tolower(k) == tolower(key)) found = v
        }
        END { print found }' "$conf"
}

# Prints the file with the key set: at its place, or first in its section, or in a new section.
with_value() {
    # The values go through the environment, because awk would interpret backslashes in the values of -v.
    { [ ! -e "$conf" ] || cat "$conf"; } | key=$1 value=$2 awk '
        BEGIN { key = ENVIRON["key"]; value = ENVIRON["value"] }
        function name_of(line,  at, k) {
            at = match(line, /[=:]/)
            if (!at || line ~ /^[ \t]*[#;]/) return ""
            k = substr(line, 1, at - 1)
            gsub(/^[ \t]+|[ \t]+$/, "", k)
            return tolower(k)
        }
        {
            sub(/\r$/, "")
            if ($0 ~ /^\[/) inside = /^\[SnapshotThread\]/
            else if (inside && gone && /^[ \t]+[^ \t]/) next
            gone = inside && name_of($0) == tolower(key)
            if (gone) {
                if (!place) { place = ++n; lines[n] = key " = " value }
                next
            }
            lines[++n] = $0
            if (/^\[SnapshotThread\]/) section = n
        }
        END {
            if (!place && !section) { lines[++n] = "[SnapshotThread]"; section = n }
            for (i = 1; i <= n; i++) {
                print lines[i]
                if (!place && i == section) print key " = " value
            }
        }'
}
# <<< scripts that set a key of vmbackup.conf

readable
was=$(value_of SafeFreezeWaitInSeconds)
before=$(printf '{"SafeFreezeWaitInSeconds":%s}' "$(json "$was")")
after=$before
case $was in
    '') ;;
    *[!0-9]*) problem "SafeFreezeWaitInSeconds in $conf is not a number; nothing was changed." ;;
    *) [ "${#was}" -lt 9 ] && [ "$was" -lt 600 ] || fine ;;
esac
new=$(with_value SafeFreezeWaitInSeconds 600)
replace "$conf" <<EOF
$new
EOF
did 'SafeFreezeWaitInSeconds = 600'
after=$(printf '{"SafeFreezeWaitInSeconds":%s}' "$(json "$(value_of SafeFreezeWaitInSeconds)")")
fine
