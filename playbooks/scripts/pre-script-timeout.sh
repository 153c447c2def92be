#!/bin/sh
# pre-script-timeout: gives the pre-script and the post-script of a backup the most time that they may have.
#
# For:     ExtensionPreScriptTimeout, Pre-ScriptTimeout, Post-ScriptTimeout.
# Does:    sets timeoutInSeconds to 1800 in /etc/azure/VMSnapshotScriptPluginConfig.json, if it is less.
# Never:   touches the scripts, or any other setting. A pre-script that hangs holds the application back longer.
# Undo:    undo.txt in the folder that the answer names puts the file back.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-linux-app-consistent
name='pre-script-timeout'

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

config=/etc/azure/VMSnapshotScriptPluginConfig.json

need cat grep sed
[ ! -L "$config" ] || problem "$config is a symbolic link; it was not changed."
[ -f "$config" ] || problem "There is no $config: no pre-script is set up here."

# The agent itself runs on Python, so one of these is there.
python=''
for each in python3 /usr/libexec/platform-python python python2; do
    python=$(command -v "$each") && break
done
[ -n "$python" ] || problem "There is no Python to read $config with; nothing was changed."

# Prints the timeout in the JSON on standard input.
timeout_in() {
    "$python" -E -s -c 'import json, sys; print(int(json.load(sys.stdin)["timeoutInSeconds"]))' 2>/dev/null
}

was=$(timeout_in <"$config") || problem "$config is not JSON with a timeoutInSeconds; nothing was changed."
before=$(printf '{"timeoutInSeconds":%s}' "$was")
after=$before
[ "$was" -lt 1800 ] || fine
new=$(sed 's/\("timeoutInSeconds"[[:space:]]*:[[:space:]]*\)"\{0,1\}-\{0,1\}[0-9]\{1,\}"\{0,1\}/\11800/' "$config")
[ "$(printf '%s\n' "$new" | timeout_in)" = 1800 ] ||
    problem "The timeout in $config could not be set without rewriting the file; nothing was changed."
replace "$config" <<EOF
$new
EOF
did "timeoutInSeconds = 1800"
after='{"timeoutInSeconds":1800}'
fine
