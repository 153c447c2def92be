#!/bin/sh
# conf-encoding: writes /etc/azure/vmbackup.conf in plain ASCII, as its reader wants it.
#
# For:     VMBackupLinuxExtensionConfFileWrongEncodingFormat.
# Does:    turns UTF-16 (with or without a byte order mark) and UTF-8 (with one) into ASCII. In comments, a letter
#          beyond ASCII becomes "?".
# Never:   changes a setting: a letter beyond ASCII outside a comment is told, and nothing is changed.
# Undo:    undo.txt in the folder that the answer names puts the file back.
# Source:  Microsoft's self-help text for the code: the file's encoding is to be ASCII.
name='conf-encoding'

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

conf=/etc/azure/vmbackup.conf

need cat tr sed
[ ! -L "$conf" ] || problem "$conf is a symbolic link; it was not changed."
[ -f "$conf" ] || problem "There is no $conf; nothing was changed."

# Find the encoding by the first bytes. A "[" or "#" with a NUL beside it means UTF-16 without a byte order mark.
first=$(od -An -v -tx1 -N4 "$conf" | tr -d ' \n')
case $first in
    fffe0000 | 0000feff) kind=UTF-32 ;;
    fffe*) kind=UTF-16LE ;;
    feff*) kind=UTF-16BE ;;
    efbbbf*) kind=UTF-8-BOM ;;
    ??00*) kind=UTF-16LE ;;
    00??*) kind=UTF-16BE ;;
    *) kind=plain ;;
esac
if [ "$kind" = plain ] && [ -z "$(tr -d '\001-\177' <"$conf" | od -An -v -tu1 -N1)" ]; then
    kind=ASCII
fi
before=$(printf '{"encoding":"%s"}' "$kind")
after=$before
[ "$kind" != ASCII ] || fine
[ "$kind" != UTF-32 ] || problem "$conf is in UTF-32; nothing was changed."

# The last line is "fit" if only comments had letters beyond ASCII.
new=$(od -An -v -tu1 "$conf" | awk -v kind="$kind" '
    function put(code) {
        if (code == 10) { print line; line = ""; comment = 0 }
        else {
            if (line ~ /^[ \t]*$/ && (code == 35 || code == 59)) comment = 1
            if (code == 65279) return
            if (code == 0 || (code > 126 && !comment)) unfit = 1
            line = line (code > 126 || code == 0 ? "?" : sprintf("%c", code))
        }
    }
    {
        for (i = 1; i <= NF; i++) {
            b = $i + 0
            if (kind ~ /^UTF-16/) {
                if (!half) { kept = b; half = 1; continue }
                half = 0
                put(kind == "UTF-16LE" ? b * 256 + kept : kept * 256 + b)
            }
            else if (b < 128) put(b)
            else if (kind == "UTF-8-BOM" && ++high < 4) continue
            else if (b > 191 || last < 128) put(b)
            last = b
        }
    }
    END {
        if (line != "") print line
        print ((unfit || half) ? "unfit" : "fit")
    }')
case $new in
    *fit) ;;
    *) problem "$conf could not be read; nothing was changed." ;;
esac
case $new in
    *unfit) problem "$conf has letters beyond ASCII outside comments; nothing was changed." ;;
esac
new=$(printf '%s\n' "$new" | sed '$d')
replace "$conf" <<EOF
$new
EOF
did "$kind to ASCII"
after='{"encoding":"ASCII"}'
fine
