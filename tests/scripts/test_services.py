"""The Linux scripts that call systemd, SELinux and package managers.

Small commands play these tools and keep their state in files. The tests prove what the scripts ask
of the tools, in which order, and what they make of the answers. They do not prove that a real
systemd or apt does what it is asked.
"""

from pathlib import Path

import pytest

from tests.scripts.sandbox import Guest

SYSTEMCTL = """
case $1 in
    show)
        case $4 in
            "$(cat "$state/unit")") echo LoadState=loaded ;;
            *) echo LoadState=not-found ;;
        esac ;;
    is-active)
        case $2 in
            *remediate*) cat "$state/$2" 2>/dev/null || { echo inactive; exit 3; } ;;
            *) cat "$state/active" ;;
        esac ;;
    is-enabled) cat "$state/enabled" ;;
    enable) echo enabled >"$state/enabled" ;;
    disable) echo disabled >"$state/enabled" ;;
    *) exit 1 ;;
esac"""
SYSTEMD_RUN = """
[ ! -e "$state/no-orders" ] || exit 1
unit=${1#--unit=}
echo active >"$state/$unit.timer" """
SEMANAGE = """
case "$2" in
    -l) cat "$state/rules" 2>/dev/null || : ;;
    -a) echo "$5    all files    system_u:object_r:$4:s0" >>"$state/rules" ;;
    -d) : >"$state/rules" ;;
    *) exit 1 ;;
esac"""
RULE = "/var/lib/waagent/Microsoft\\.Azure\\.RecoveryServices\\.VMSnapshotLinux-[^/]*(/.*)?"


@pytest.fixture
def guest(tmp_path: Path) -> Guest:
    guest = Guest(tmp_path / "root")
    guest.path("/var/lib").mkdir(parents=True)
    guest.pretend("systemctl", SYSTEMCTL)
    guest.pretend("systemd-run", SYSTEMD_RUN)
    guest.write("unit", "walinuxagent.service")
    guest.write("active", "active\n")
    guest.write("enabled", "enabled\n")
    return guest


@pytest.mark.parametrize("unit", ["walinuxagent.service", "waagent.service"])
def test_the_agent_is_restarted_later_and_not_by_us(guest: Guest, unit: str) -> None:
    guest.write("unit", unit)
    said = guest.run("restart-agent").fine()
    assert said.changed == [f"{unit} restarts in 30 seconds"]
    assert said.answer["undo"] is None
    [order] = guest.calls("systemd-run")
    assert order.endswith(
        f"--on-active=30 --timer-property=AccuracySec=1s systemctl restart {unit}"
    )
    assert not guest.calls("systemctl restart")
    again = guest.run("restart-agent").fine()
    assert again.changed == []
    assert len(guest.calls("systemd-run")) == 1


def test_an_agent_that_does_not_start_at_boot_is_enabled(guest: Guest) -> None:
    guest.write("enabled", "disabled\n")
    said = guest.run("restart-agent").fine()
    assert said.answer["before"]["boot"] == "disabled"
    assert said.answer["after"]["boot"] == "enabled"
    guest.undo(said)
    assert guest.path("enabled").read_text() == "disabled\n"


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("unit", "other.service", "No service"),
        ("enabled", "masked\n", "masked"),
        ("no-orders", "", "no order"),
    ],
)
def test_what_keeps_a_restart_away_is_told(
    guest: Guest, file: str, content: str, says: str
) -> None:
    guest.write(file, content)
    said = guest.run("restart-agent")
    assert says in said.problem
    assert said.changed == []


@pytest.mark.parametrize("name", ["restart-agent", "update-agent"])
@pytest.mark.parametrize("tool", ["systemctl", "systemd-run"])
def test_without_systemd_nothing_is_done(guest: Guest, name: str, tool: str) -> None:
    guest.without(tool)
    assert tool in guest.run(name).problem
    assert guest.files() == {}


APT = """
case "$*" in
    *update*) exit "$(cat "$state/repositories" 2>/dev/null || echo 0)" ;;
    *-s*) cat "$state/plan" 2>/dev/null || : ;;
    *) exit 1 ;;
esac"""
RPM = '[ "$4" = WALinuxAgent ] || exit 1\nprintf 2.2-1'
INSTALLED = '[ "$4" = walinuxagent ] || exit 1\nprintf 2.2-1'


def apt(guest: Guest) -> None:
    guest.pretend("apt-get", APT)
    guest.pretend("dpkg-query", INSTALLED)


def test_a_newer_agent_of_the_distribution_is_installed_later(guest: Guest) -> None:
    apt(guest)
    guest.write("plan", "Inst walinuxagent [2.2-1] (2.9 Ubuntu)\nConf walinuxagent (2.9 Ubuntu)\n")
    said = guest.run("update-agent").fine()
    assert said.answer["before"] == {"package": "walinuxagent", "version": "2.2-1"}
    assert said.answer["after"]["update"] == "waiting"
    [order] = guest.calls("systemd-run")
    assert "--no-remove --only-upgrade install walinuxagent" in order
    assert "DEBIAN_FRONTEND=noninteractive" in order
    assert f"{said.answer['undo']}/update.log" in order
    undo = (Path(said.answer["undo"]) / "undo.txt").read_text()
    assert undo == "apt-get -y --allow-downgrades install 'walinuxagent=2.2-1'\n"
    again = guest.run("update-agent").fine()
    assert again.changed == []
    assert again.answer["after"]["update"] == "waiting"
    assert len(guest.calls("systemd-run")) == 1


@pytest.mark.parametrize(
    ("file", "content", "says"),
    [
        ("plan", "Remv cloud-init [1]\nInst walinuxagent [2.2-1]\n", "remove"),
        ("repositories", "100", "repositories"),
        ("plan", "", None),
        ("plan", "Inst other [1]\n", None),
    ],
)
def test_no_update_without_a_newer_package_alone(
    guest: Guest, file: str, content: str, says: str | None
) -> None:
    apt(guest)
    guest.write(file, content)
    said = guest.run("update-agent")
    assert said.changed == []
    assert not guest.calls("systemd-run")
    if says:
        assert says in said.problem
    else:
        said.fine()


@pytest.mark.parametrize(
    ("manager", "newest", "newer", "broken", "order"),
    [
        ("dnf", "exit 0", "exit 100", "exit 1", "dnf -y update WALinuxAgent"),
        ("yum", "exit 0", "exit 100", "exit 1", "yum -y update WALinuxAgent"),
        (
            "zypper",
            "echo 'v | repo | other | 1'",
            "echo 'v | repo | WALinuxAgent | 1 | 2'",
            "exit 6",
            "zypper -n update WALinuxAgent",
        ),
    ],
)
def test_the_other_package_managers(
    guest: Guest, manager: str, newest: str, newer: str, broken: str, order: str
) -> None:
    guest.pretend("rpm", RPM)
    guest.pretend(manager, broken)
    assert "repositories" in guest.run("update-agent").problem
    guest.pretend(manager, newest)
    assert guest.run("update-agent").fine().changed == []
    guest.pretend(manager, newer)
    assert guest.run("update-agent").fine().changed
    assert guest.calls("systemd-run")[-1].endswith(order)


def test_an_agent_that_no_package_brought_is_left_alone(guest: Guest) -> None:
    guest.pretend("apt-get", APT)
    guest.pretend("dpkg-query", "exit 1")
    assert "not installed as a package" in guest.run("update-agent").problem
    guest.without("apt-get")
    assert "Neither apt" in guest.run("update-agent").problem


def test_selinux_may_run_the_extension(guest: Guest) -> None:
    guest.pretend("getenforce", "echo Enforcing")
    guest.pretend("semanage", SEMANAGE)
    guest.pretend("restorecon", "")
    said = guest.run("selinux-waagent").fine()
    assert said.changed
    rule = guest.here(RULE)
    assert guest.calls("semanage fcontext -a") == [f"semanage fcontext -a -t bin_t {rule}"]
    assert len(guest.calls("restorecon -R")) == 1
    assert guest.run("selinux-waagent").fine().changed == []
    guest.undo(said)
    assert guest.calls()[-2:] == [
        f"semanage fcontext -d {rule}",
        f"restorecon -R {guest.path('/var/lib/waagent')}",
    ]


def test_a_rule_of_somebody_else_stays(guest: Guest) -> None:
    guest.pretend("getenforce", "echo Enforcing")
    guest.pretend("semanage", SEMANAGE)
    guest.pretend("restorecon", "")
    rules = f"{guest.here(RULE)}    all files    system_u:object_r:etc_t:s0\n"
    guest.write("rules", rules)
    assert "another label" in guest.run("selinux-waagent").problem
    assert guest.path("rules").read_text() == rules


@pytest.mark.parametrize("mode", ["Permissive", "Disabled", None])
def test_selinux_that_does_not_enforce_is_left_alone(guest: Guest, mode: str | None) -> None:
    if mode:
        guest.pretend("getenforce", f"echo {mode}")
    assert guest.run("selinux-waagent").fine().changed == []
    assert guest.files() == {}


def test_selinux_without_its_tools_is_told(guest: Guest) -> None:
    guest.pretend("getenforce", "echo Enforcing")
    assert "semanage" in guest.run("selinux-waagent").problem


LOG = "/var/log/azure/Microsoft.Azure.RecoveryServices.VMSnapshotLinux/extension.log"


def sick(guest: Guest) -> None:
    """A guest with something wrong in every place that the diagnosis checks."""
    guest.write("active", "failed\n")
    guest.write("enabled", "disabled\n")
    guest.write("/etc/waagent.conf", "# Extensions.Enable=y\nExtensions.Enable = n # off\n")
    guest.write("/etc/azure/vmbackup.conf", '; note\n[SnapshotThread]\nMountsToSkip = /"a\n')
    guest.write(
        "/proc/self/mounts",
        "/dev/sda1 / ext4 rw 0 0\n/dev/sdb1 /data ext4 rw,ro 0 0\n"
        "/dev/sdb1 /data ext4 rw,errors=remount-ro 0 0\nproc /proc proc rw 0 0\n"
        f"/dev/sdc1 {guest.path('/var')} ext4 rw,noexec 0 0\n/dev/sdd1 /tmp ext4 rw,noexec 0 0\n",
    )
    guest.write(LOG, "fine\nFailed to FIFREEZE: /data\nFailed to open: /mnt\x1b[0m\n")
    guest.pretend("timeout", 'shift; case $1 in bash) exit 1 ;; esac; exec "$@"')
    guest.pretend("bash", "exit 1")
    guest.pretend("getenforce", "echo Enforcing")
    guest.pretend("waagent", "echo WALinuxAgent-2.2.46 running; echo more")
    guest.pretend("iscsiadm", "echo 'tcp: [1] 10.0.0.1:3260,1 iqn.2016-01.microsoft.azure.backup'")
    guest.pretend("tune2fs", "echo 'Filesystem state:         clean with errors'")
    guest.pretend(
        "df",
        "echo 'Filesystem 1024-blocks Used Available Capacity Mounted on'\n"
        "echo '/dev/sda1 100 99 1 99% /'\necho '/dev/sdb1 100 1 99 1% /data dir'",
    )


def test_the_diagnosis_finds_what_stands_out_and_changes_nothing(guest: Guest) -> None:
    sick(guest)
    before = guest.files()
    after = guest.run("diagnose-linux").fine().answer["after"]
    assert after["findings"] == [
        "agent-not-running",
        "agent-not-at-boot",
        "extensions-disabled",
        "disk-nearly-full",
        "var-mounted-noexec",
        "mounted-twice",
        "mounted-read-only",
        "file-system-not-clean",
        "iscsi-sessions",
        "freeze-failed",
        "mount-not-opened",
        "host-port-80-unreachable",
        "host-port-32526-unreachable",
    ]
    assert after["nearly_full"] == ["/ 99%"]
    assert after["mounted_twice"] == ["/data"]
    assert after["read_only"] == ["/data"]
    assert after["no_programs"] == [str(guest.path("/var"))]
    assert after["not_clean"] == [
        "/dev/sda1 clean with errors",
        "/dev/sdb1 clean with errors",
        "/dev/sdc1 clean with errors",
        "/dev/sdd1 clean with errors",
    ]
    assert after["vmbackup_conf"] == ["[SnapshotThread]", 'MountsToSkip = /"a']
    assert after["log"][-1] == "Failed to open: /mnt\x1b[0m"
    assert (after["host_80"], after["host_32526"]) == (False, False)
    assert after["version"] == "WALinuxAgent-2.2.46 running"
    assert guest.files() == before


@pytest.mark.parametrize(
    ("line", "finding"),
    [
        ("PreScript failed for the plugin ScriptRunner StatusCode.x,", "backup-script-failed"),
        ("PostScript failed for the plugin ScriptRunner StatusCode.x,", "backup-script-failed"),
        ("Prescript for ScriptRunner timed out.", "backup-script-failed"),
        (
            "Prescript file does not exist in the location /etc/azure/p.sh",
            "backup-script-not-usable",
        ),
        ("Prescript file does not have desired permissions ", "backup-script-not-usable"),
        ("The owner of the PreScript file /p.sh is bob but not root", "backup-script-not-usable"),
        ("Plugin Host Precheck Failed", "backup-script-not-usable"),
        ("T:S ###### freeze timed-out", "freeze-too-slow"),
        (
            "Enable failed with error: freeze took longer than timeout StatusCode.x,",
            "freeze-too-slow",
        ),
        ("Failed to receive timely Thaw from parent process", "freeze-too-slow"),
        ("freeze failed for some mount", "freeze-failed"),
        ("file open failed for some mount", "mount-not-opened"),
        ("Mount Points already freezed by some other processor", "frozen-by-another"),
        ("safefreeze binary is missing in the following path /x", "safefreeze-missing"),
        ("unable to load certificate", "certificate-not-loaded"),
        ("CRP timeout limit has reached, will not take snapshot.", "command-came-too-late"),
    ],
)
def test_the_extensions_log_is_understood(guest: Guest, line: str, finding: str) -> None:
    guest.pretend("timeout", 'shift; exec "$@"')
    guest.write(LOG, f"2026-01-02 11:22:56 fine\n2026-01-02 11:22:57 {line}\n2026-01-02 done\n")
    after = guest.run("diagnose-linux").fine().answer["after"]
    assert finding in after["findings"]
    assert after["log"] == [f"2026-01-02 11:22:57 {line}"]


def test_what_the_diagnosis_cannot_see_is_null(guest: Guest) -> None:
    guest.pretend("timeout", 'shift; exec "$@"')
    for command in ("systemctl", "df", "python3"):
        guest.without(command)
    after = guest.run("diagnose-linux").fine().answer["after"]
    assert after["findings"] == []
    for fact in ("agent", "active", "version", "python", "selinux", "Extensions.Enable"):
        assert after[fact] is None
    for fact in ("mounted_twice", "read_only", "not_clean", "log", "vmbackup_conf", "host_80"):
        assert after[fact] is None
    assert after["nearly_full"] is None
    assert after["iscsi"] is None


def test_a_long_diagnosis_still_tells_its_findings(guest: Guest) -> None:
    sick(guest)
    guest.write(LOG, "Error " + "\u4e2d" * 400 + "\n" + "Failed to open: x\nError \u00e4\n" * 40)
    guest.write("/etc/azure/vmbackup.conf", ("\u4e2d" * 180 + "\n") * 40)
    after = guest.run("diagnose-linux").fine().answer["after"]
    assert after["cut"] is True
    assert "mount-not-opened" in after["findings"]
