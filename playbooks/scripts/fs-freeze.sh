#!/bin/sh
# fs-freeze: lets the backup skip the mount points that could not be frozen.
#
# For:     UserErrorFsFreezeFailed, and NoExtensionStatusButStatusBlobAvailable after sequential-snapshot.
# Does:    reads the last attempt in the backup extension's log, and adds the mount points that it failed to freeze
#          to MountsToSkip in /etc/azure/vmbackup.conf. What is skipped is no longer file-system consistent in
#          the backup: after.not_consistent says which.
# Never:   skips /, or a name that is no mount point now; unmounts, mounts or checks a file system; restarts anything.
# Undo:    undo.txt in the folder that the answer names puts the file back.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot#usererrorfsfreezefailed---failed-to-freeze-one-or-more-mount-points-of-the-vm-to-take-a-file-system-consistent-snapshot
name='fs-freeze'

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

log=/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log

# Prints the mount points after "Failed to $1: " in the log's last attempt.
failed_to() {
    tail -n 20000 "$log" | awk -v what="Failed to $1: " '
        /safefreeze\/bin|Binary Freeze Started/ { n = 0 }
        {
            at = index($0, what)
            if (!at) next
            found = substr($0, at + length(what))
            sub(/ with error message: .*$/, "", found)
            sub(/[ \t\r]+$/, "", found)
            for (i = 1; i <= n; i++) if (mounts[i] == found) next
            mounts[++n] = found
        }
        END { for (i = 1; i <= n; i++) print mounts[i] }'
}

# Prints the present mount points. A line break in a name stays escaped, so that one name cannot look like two.
mounted() {
    awk '{
        said = $2; out = ""
        while (match(said, /\\[0-7][0-7][0-7]/)) {
            code = substr(said, RSTART + 1, 1) * 64 + substr(said, RSTART + 2, 1) * 8 + substr(said, RSTART + 3, 1)
            out = out substr(said, 1, RSTART - 1) (code == 10 ? "\\012" : sprintf("%c", code))
            said = substr(said, RSTART + 4)
        }
        print out said
    }' /proc/self/mounts
}

need tail grep tr sed
readable
[ -r "$log" ] || problem "The backup extension has no log at $log; nothing was changed."

# After one mount point failed to freeze, thawing fails for all mount points that were not frozen yet.
# So thawing failures count only if no mount point failed to freeze.
failed=$(failed_to FIFREEZE)
[ -n "$failed" ] || failed=$(failed_to FITHAW)
mounts=$(mounted)

# The extension splits at commas and compares names exactly, so a comma must have no space beside it.
skipped=$(value_of MountsToSkip | tr ',' '\n' | sed 's/^[[:space:]]*//; s/[[:space:]]*$//; /^$/d')
before=$(printf '{"MountsToSkip":%s,"failed":%s}' "$(json "$(value_of MountsToSkip)")" "$(json_list "$failed")")
[ -n "$failed" ] || problem "The last attempt in the log names no mount point that failed to freeze; nothing was changed."

refused='' twice=''
while IFS= read -r mount; do
    case $mount in
        /) why='the root cannot be skipped' ;;
        *[,%\;]* | *[![:print:]]*) why='the name cannot be written in the configuration' ;;
        /*) why='' ;;
        *) why='not a mount point' ;;
    esac
    times=$(printf '%s\n' "$mounts" | grep -Fxc -e "$mount")
    [ -n "$why" ] || [ "$times" -gt 0 ] || why='not mounted now'
    [ "$times" -lt 2 ] || twice="$twice$mount
"
    if [ -n "$why" ]; then
        refused="$refused$mount ($why)
"
    elif ! printf '%s\n' "$skipped" | grep -Fxq -e "$mount"; then
        skipped=$(printf '%s\n%s' "$skipped" "$mount")
        did "MountsToSkip += $mount"
    fi
done <<EOF
$failed
EOF

skipped=$(printf '%s\n' "$skipped" | sed '/^$/d')
if [ -n "$changed" ]; then
    new=$(with_value MountsToSkip "$(printf '%s\n' "$skipped" | tr '\n' ',' | sed 's/,$//')")
    replace "$conf" <<EOF
$new
EOF
fi
after=$(printf '{"MountsToSkip":%s,"not_consistent":%s,"mounted_twice":%s,"refused":%s}' \
    "$(json "$(value_of MountsToSkip)")" "$(json_list "$skipped")" "$(json_list "$twice")" "$(json_list "$refused")")
[ -z "$refused" ] || problem "Some mount points that failed to freeze were not skipped: see after.refused."
fine
