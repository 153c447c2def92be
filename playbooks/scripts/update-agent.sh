#!/bin/sh
# update-agent: brings the Azure Linux agent to the newest version of the distribution.
#
# For:     UserErrorGuestAgentVersionUnsupported, GuestAgentSnapshotTaskStatusError, an agent that is out of date.
# Does:    looks in the distribution's own repositories (apt, dnf or yum, zypper) for a newer package of the agent
#          and, if there is one, has systemd install that one package in 30 seconds: the installation restarts the
#          agent, which carries Run Command. Whether it worked must be looked for later: the agent's version
#          in Azure, and update.log in the folder that the answer names.
# Never:   installs from elsewhere, removes a package, overwrites /etc/waagent.conf, restarts the machine; runs
#          a second time while an update waits or runs. No backup should be running meanwhile.
# Undo:    undo.txt in the folder that the answer names installs the former version, if the repository still has it.
# Source:  https://learn.microsoft.com/azure/virtual-machines/extensions/update-linux-agent
name='update-agent'

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

job=remediate-update-agent

need systemctl systemd-run grep
waiting() {
    [ "$(systemctl is-active "$job.timer" 2>/dev/null)" = active ] ||
        case $(systemctl is-active "$job.service" 2>/dev/null) in
            active | activating) true ;;
            *) false ;;
        esac
}

# Prints the version of a package if it is installed.
version_of() {
    if [ "$manager" = apt-get ]; then
        dpkg-query -W -f '${Version}' "$1" 2>/dev/null
    else
        rpm -q --qf '%{VERSION}-%{RELEASE}' "$1" 2>/dev/null
    fi
}

manager=''
for each in apt-get dnf yum zypper; do
    command -v "$each" >/dev/null 2>&1 && manager=$each && break
done
case $manager in
    apt-get) need dpkg-query ;;
    '') problem "Neither apt, dnf, yum nor zypper is there; nothing was changed." ;;
    *) need rpm ;;
esac
package='' version=''
for each in walinuxagent WALinuxAgent python-azure-agent; do
    version=$(version_of "$each") && [ -n "$version" ] && package=$each && break
done
[ -n "$package" ] || problem "The agent was not installed as a package of the distribution; it was not updated."

before=$(printf '{"package":"%s","version":%s}' "$package" "$(json "$version")")
after=$before
if waiting; then
    after=$(printf '{"package":"%s","version":%s,"update":"waiting"}' "$package" "$(json "$version")")
    fine
fi

newer=yes
case $manager in
    apt-get)
        apt-get -qq update >/dev/null 2>&1 || problem "apt could not read its repositories; nothing was changed."
        plan=$(apt-get -qq -s --only-upgrade install "$package" 2>/dev/null) ||
            problem "apt could not plan the update; nothing was changed."
        ! printf '%s\n' "$plan" | grep -q '^Remv ' || problem "The update would remove packages; nothing was changed."
        printf '%s\n' "$plan" | grep -q "^Inst $package " || newer=no
        ;;
    zypper)
        found=$(zypper -n -q list-updates) || problem "zypper could not read its repositories; nothing was changed."
        printf '%s\n' "$found" | grep -q "| *$package *|" || newer=no
        ;;
    *)
        "$manager" -q check-update "$package" >/dev/null 2>&1
        case $? in
            0) newer=no ;;
            100) ;;
            *) problem "$manager could not read its repositories; nothing was changed." ;;
        esac
        ;;
esac
[ "$newer" = yes ] || fine

case $manager in
    apt-get)
        undo_by "apt-get -y --allow-downgrades install '$package=$version'"
        set -- apt-get -q -y -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
            --no-remove --only-upgrade install "$package"
        ;;
    zypper)
        undo_by "zypper -n install --oldpackage '$package=$version'"
        set -- zypper -n update "$package"
        ;;
    *)
        undo_by "$manager -y downgrade '$package-$version'"
        set -- "$manager" -y update "$package"
        ;;
esac
# shellcheck disable=SC2016 # the inner shell expands them
systemd-run --unit="$job" --on-active=30 --timer-property=AccuracySec=1s --setenv=DEBIAN_FRONTEND=noninteractive \
    /bin/sh -c 'log=$1; shift; exec "$@" >"$log" 2>&1 </dev/null' sh "$folder/update.log" "$@" >/dev/null 2>&1 ||
    problem "systemd took no order to update $package; nothing was changed."
did "$package is updated in 30 seconds"
after=$(printf '{"package":"%s","version":%s,"update":"waiting"}' "$package" "$(json "$version")")
fine
