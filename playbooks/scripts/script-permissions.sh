#!/bin/sh
# script-permissions: takes the rights of group and others off the pre-script and the post-script of a backup.
#
# For:     InsufficientPermissionforPre-Script, InsufficientPermissionforPost-Script.
# Does:    gives the files that /etc/azure/VMSnapshotScriptPluginConfig.json names the mode 700, and that file the mode
#          600, as the backup extension demands: it runs the scripts as root.
# Never:   makes root the owner of a file, or trusts a file that others could have written: whoever wrote it would be
#          root at the next backup. Such a file is told, and a person reviews it.
# Undo:    undo.txt in the folder that the answer names gives the files their former modes.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-linux-app-consistent
name='script-permissions'

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

config=/etc/azure/VMSnapshotScriptPluginConfig.json

need cat chmod id stat
[ ! -L "$config" ] || problem "$config is a symbolic link; nothing was changed."
[ -f "$config" ] || problem "There is no $config: no scripts are set up here."
me=$(id -u)

# Whether others than root could have put something there: prints why, nothing if they could not. In a folder with
# the sticky bit, nobody can replace a file of root.
untrusted() {
    facts=$(stat -c '%u %a' "$1" 2>/dev/null) || { printf 'it cannot be looked at'; return 0; }
    mode=${facts#* }
    case ${facts%% *} in
        0 | "$me") ;;
        *) printf 'its owner is not root'; return 0 ;;
    esac
    case $mode in
        *[2367]? | *[2367]) ;;
        *) return 0 ;;
    esac
    case $mode in
        1??? | 3??? | 5??? | 7???) [ ! -d "$1" ] || return 0 ;;
    esac
    printf 'group or others may write to it'
}

# Prints why the path of a file is not to be trusted: the file itself, or a folder above it.
doubt() {
    place=$1
    while :; do
        why=$(untrusted "$place")
        if [ -n "$why" ]; then
            printf '%s: %s' "$place" "$why"
            return 0
        fi
        [ "$place" != / ] || return 0
        place=${place%/*}
        [ -n "$place" ] || place=/
    done
}

# Gives a file the mode $2, which takes rights away only.
restrict() {
    mode=$(stat -c '%a' "$1")
    case $mode in
        "$2" | [456]00) return 0 ;;
    esac
    undo_by "chmod $mode '$1'"
    chmod "$2" "$1" || problem "The mode of $1 could not be changed."
    did "$1: $mode to $2"
}

why=$(doubt "$config")
[ -z "$why" ] || problem "The configuration is not trusted, and nothing was changed. $why."

# The agent itself runs on Python, so one of these is there.
python=''
for each in python3 /usr/libexec/platform-python python python2; do
    python=$(command -v "$each") && break
done
[ -n "$python" ] || problem "There is no Python to read $config with; nothing was changed."
read_paths='import json, sys
known = json.load(sys.stdin)
for key in ("preScriptLocation", "postScriptLocation"):
    sys.stdout.write(str(known.get(key) or "").replace("\n", "?") + "\n")'
paths=$("$python" -E -s -c "$read_paths" <"$config" 2>/dev/null) || problem "$config is not JSON; nothing was changed."

modes() {
    told=''
    while IFS= read -r path; do
        [ -f "$path" ] || continue
        told="$told,$(json "$path"):$(json "$(stat -c '%u %a' "$path")")"
    done <<EOF
$config
$paths
EOF
    printf '{%s}' "${told#,}"
}

before=$(modes)
after=$before
doubts=''
while IFS= read -r path; do
    [ -n "$path" ] || continue
    case $path in
        *[!A-Za-z0-9._/-]* | *//* | */../* | */./*) why="$path: the name cannot be judged" ;;
        /*)
            if [ -L "$path" ] || [ ! -f "$path" ]; then
                why="$path: not a file"
            else
                why=$(doubt "$path")
            fi
            ;;
        *) why="$path: not a full path" ;;
    esac
    if [ -n "$why" ]; then
        doubts="$doubts$why. "
    else
        restrict "$path" 700
    fi
done <<EOF
$paths
EOF
restrict "$config" 600
after=$(modes)
[ -z "$doubts" ] || problem "A person must review it first: $doubts"
fine
