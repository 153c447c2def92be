# reinstall-msdtc: uninstalls and installs the transaction coordinator (MSDTC), when com-plus did not help.
#
# For:     ExtensionSnapshotFailedCOM, ExtensionInstallationFailedCOM, ExtensionInstallationFailedMDTC.
# Does:    keeps MSDTC's registry keys and its log, runs msdtc -uninstall and msdtc -install, starts MSDTC and
#          COMSysApp, also when both ran. MSDTC's own settings (network access, security) are then those of a new
#          installation. If a step fails, MSDTC is installed and started all the same, and "after" says its state.
# Never:   does so in a cluster, or while a running service depends on MSDTC.
# Undo:    undo.txt in the folder that the answer names brings MSDTC's former settings back, after a stop of MSDTC.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot
$scriptName = 'reinstall-msdtc'

# >>> every script
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$before = @{}
$after = @{}
$changed = New-Object System.Collections.ArrayList
$undo = $null
$next = $null
$system = [Environment]::SystemDirectory

function Limit-Text([string]$Text) {
    if ($Text.Length -gt 200) { return $Text.Substring(0, 200) + '...' }
    return $Text
}

# Prints the one line, in ASCII, and ends. The exit code is always 0: some hosts lose the output of a script that ends
# with another one. If the line is longer than Run Command returns, parts are replaced by a mark ("cut").
function Write-Result([string]$Problem) {
    try {
        $said = [ordered]@{
            script = $scriptName; version = 1; before = $before; changed = [string[]]@($changed)
            after = $after; undo = $undo; problem = $null; next = $next
        }
        if ($Problem) { $said['problem'] = Limit-Text $Problem }
        foreach ($part in 'all', 'before', 'after', 'changed') {
            if ($part -eq 'changed') {
                $said[$part] = [string[]]@('cut')
            } elseif ($part -ne 'all') {
                $kept = @{ cut = $true }
                if ($said[$part].ContainsKey('findings')) { $kept['findings'] = $said[$part]['findings'] }
                $said[$part] = $kept
            }
            $line = ConvertTo-Json -InputObject $said -Compress -Depth 6
            $line = [regex]::Replace($line, '[^\x20-\x7e]', { param($found) '\u{0:x4}' -f [int][char]$found.Value })
            if ($line.Length -le 3500) { break }
        }
    } catch {
        $folder = 'null'
        if ($undo) { $folder = '"' + ($undo -replace '\\', '\\') + '"' }
        $line = '{"script":"' + $scriptName + '","version":1,"before":{},"changed":["cut"],"after":{},"undo":' + $folder +
            ',"problem":"The answer could not be written as JSON; look at the machine."}'
    }
    [Console]::Out.WriteLine($line)
    exit 0
}

# Every error becomes the problem in the answer, with the state as it is then. A stack of errors is never printed.
trap {
    $reason = $_.Exception.Message
    if ($changed.Count -gt 0) {
        try {
            $after = Get-Facts
        } catch {
            $after = @{}
        }
    }
    Write-Result "It stopped: $reason"
}

# Runs the program at a full path, without input. Returns its exit code and output. A program that changes something is
# not ended when its time is up (-NeverKill): it would leave its work half done.
function Invoke-Tool([string]$File, [string]$Arguments, [int]$Seconds, [switch]$NeverKill) {
    $start = New-Object System.Diagnostics.ProcessStartInfo
    $start.FileName = $File
    $start.Arguments = $Arguments
    $start.UseShellExecute = $false
    $start.CreateNoWindow = $true
    $start.RedirectStandardInput = $true
    $start.RedirectStandardOutput = $true
    $start.RedirectStandardError = $true
    $process = [System.Diagnostics.Process]::Start($start)
    $process.StandardInput.Close()
    $output = $process.StandardOutput.ReadToEndAsync()
    $errors = $process.StandardError.ReadToEndAsync()
    if (-not $process.WaitForExit($Seconds * 1000)) {
        if (-not $NeverKill) { $process.Kill() }
        throw "$File took longer than $Seconds seconds."
    }
    # A child of the program may hold the output open for ever.
    $text = ''
    if ($output.Wait(5000)) { $text = $output.Result }
    if ($errors.Wait(1000)) { $text = $text + $errors.Result }
    return @{ Code = $process.ExitCode; Text = $text }
}

if ([Environment]::Is64BitOperatingSystem -and -not [Environment]::Is64BitProcess) {
    Write-Result 'This is a 32-bit PowerShell on a 64-bit Windows, which sees another registry; nothing was changed.'
}
# <<< every script

# >>> scripts that change something
function Add-Change([string]$Text) {
    [void]$changed.Add((Limit-Text $Text))
}

# Makes the folder for undoing, once. Only SYSTEM and administrators may enter it.
# Every user may make folders in ProgramData, so the folder of another owner is not trusted.
function Open-Undo {
    if ($script:undo) { return }
    $root = Join-Path ([Environment]::GetFolderPath('CommonApplicationData')) 'remediate'
    $closed = New-Object System.Security.AccessControl.DirectorySecurity
    $closed.SetSecurityDescriptorSddlForm('O:BAG:BAD:P(A;OICI;FA;;;SY)(A;OICI;FA;;;BA)')
    foreach ($folder in $root, "$root\undo") {
        if ([System.IO.Directory]::Exists($folder)) {
            $owner = (Get-Acl -LiteralPath $folder).GetOwner([System.Security.Principal.SecurityIdentifier]).Value
            $link = [System.IO.File]::GetAttributes($folder) -band [System.IO.FileAttributes]::ReparsePoint
            if ($link -or ($owner -ne 'S-1-5-18' -and $owner -ne 'S-1-5-32-544')) {
                throw "$folder was not made by an administrator; nothing was changed."
            }
        }
        [void][System.IO.Directory]::CreateDirectory($folder, $closed)
    }
    $now = [DateTime]::UtcNow.ToString("yyyyMMdd'T'HHmmss'Z'", [Globalization.CultureInfo]::InvariantCulture)
    $folder = "$root\undo\$scriptName-$now"
    if ([System.IO.Directory]::Exists($folder)) { $folder = "$folder-$PID" }
    [void][System.IO.Directory]::CreateDirectory($folder, $closed)
    $script:undo = $folder
}

# Adds a line to undo.txt: the command that undoes the next change.
function Add-Undo([string]$Line) {
    Open-Undo
    [System.IO.File]::AppendAllText("$undo\undo.txt", "$Line`r`n")
}
# <<< scripts that change something

# >>> scripts that look at services
# The state of a service, $null if there is no service of that name.
function Get-State([string]$Name) {
    $found = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='$Name'" -OperationTimeoutSec 30)
    if ($found.Count -eq 0) { return $null }
    return @{ status = "$($found[0].State)"; start = "$($found[0].StartMode)"; account = "$($found[0].StartName)" }
}
# <<< scripts that look at services

# >>> scripts that start services
# Starts a service. It tries again for about a minute, because a service that is still stopping cannot be started yet.
function Start-Wanted([string]$Name) {
    for ($try = 1; $true; $try++) {
        try {
            Start-Service -Name $Name
            (Get-Service -Name $Name).WaitForStatus('Running', [TimeSpan]::FromSeconds(60))
            return
        } catch {
            if ($try -ge 6) { throw }
        }
        Start-Sleep -Seconds 10
    }
}

# The names of the running services that depend on a service.
function Get-Dependents([string]$Name) {
    $others = @(Get-Service -Name $Name -DependentServices | Where-Object { $_.Status -ne 'Stopped' })
    return [string[]]@($others | ForEach-Object { $_.Name })
}

# Restarts a service, unless another running service depends on it. Whatever goes wrong, the service is started again.
function Restart-Alone([string]$Name) {
    $others = @(Get-Dependents $Name)
    if ($others.Count -gt 0) {
        throw "$Name was not restarted, because these running services depend on it: $($others -join ', ')."
    }
    try {
        if ((Get-Service -Name $Name).Status -ne 'Stopped') { Stop-Service -Name $Name }
        (Get-Service -Name $Name).WaitForStatus('Stopped', [TimeSpan]::FromSeconds(60))
    } finally {
        Start-Wanted $Name
    }
    Add-Change "$Name restarted"
}

# Lets a disabled service start on demand again.
function Enable-Demand([string]$Name) {
    $state = Get-State $Name
    if ($null -eq $state -or $state.start -ne 'Disabled') { return }
    Add-Undo "sc.exe config $Name start= disabled"
    Set-Service -Name $Name -StartupType Manual
    Add-Change "$Name is no longer disabled"
}
# <<< scripts that start services

function Get-Facts { return @{ MSDTC = (Get-State 'MSDTC'); COMSysApp = (Get-State 'COMSysApp') } }

# Whether MSDTC is installed ($true) or gone ($false) within the seconds.
function Test-Installed([bool]$Wanted, [int]$Seconds) {
    for ($look = 0; $look -lt $Seconds; $look++) {
        if (($null -ne (Get-State 'MSDTC')) -eq $Wanted) { return $true }
        Start-Sleep -Seconds 1
    }
    return $false
}

# Installs MSDTC, and tries again if it is not there then. Throws only after the last try.
function Install-Coordinator {
    for ($try = 1; $true; $try++) {
        try {
            [void](Invoke-Tool "$system\msdtc.exe" '-install' 120 -NeverKill)
            if (Test-Installed $true 60) { return }
            throw 'MSDTC is not installed now: run msdtc -install as an administrator, after a restart of Windows if that fails.'
        } catch {
            if ($try -ge 3) { throw }
        }
        Start-Sleep -Seconds 10
    }
}

$before = Get-Facts
$after = $before
if ($null -eq $before.COMSysApp) { Write-Result 'The COM+ System Application is not installed; nothing was changed.' }
$there = $null -ne $before.MSDTC
$cluster = Get-State 'ClusSvc'
if ($null -ne $cluster -and $cluster.status -ne 'Stopped') {
    Write-Result 'This machine is a node of a cluster, whose MSDTC is set up otherwise; nothing was changed.'
}
if ($there) {
    $others = @(Get-Dependents 'MSDTC')
    if ($others.Count -gt 0) { Write-Result "A running service depends on MSDTC; nothing was changed: $($others -join ', ')." }
}

foreach ($key in 'SOFTWARE\Microsoft\MSDTC', 'SOFTWARE\Classes\CID', 'SYSTEM\CurrentControlSet\Services\MSDTC') {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($key)
    if ($null -eq $open) { continue }
    $open.Close()
    Open-Undo
    $file = "$undo\" + ($key -replace '[^A-Za-z0-9.]', '_') + '.reg'
    $saved = Invoke-Tool "$system\reg.exe" "export `"HKLM\$key`" `"$file`" /y" 60 -NeverKill
    if ($saved.Code -ne 0) { throw "HKLM\$key could not be saved; nothing was changed." }
    Add-Undo "reg import `"$file`""
}
# From the stop on, whatever goes wrong, MSDTC is installed and started again.
$begun = -not $there
try {
    if ($there) {
        if ($before.MSDTC.status -ne 'Stopped') {
            Stop-Service -Name 'MSDTC'
            (Get-Service -Name 'MSDTC').WaitForStatus('Stopped', [TimeSpan]::FromSeconds(60))
        }
        # Keep the log, because it holds transactions in doubt.
        if ([System.IO.File]::Exists("$system\MsDtc\MSDTC.LOG")) {
            Open-Undo
            [System.IO.File]::Copy("$system\MsDtc\MSDTC.LOG", "$undo\MSDTC.LOG")
        }
        $begun = $true
        Add-Change 'MSDTC uninstalled'
        [void](Invoke-Tool "$system\msdtc.exe" '-uninstall' 120 -NeverKill)
        if (-not (Test-Installed $false 60)) { throw 'MSDTC was not uninstalled within a minute.' }
    }
} finally {
    if ($begun) {
        Install-Coordinator
        Add-Change 'MSDTC installed'
    }
    Enable-Demand 'MSDTC'
    Start-Wanted 'MSDTC'
    Add-Change 'MSDTC started'
}
Enable-Demand 'COMSysApp'
if ((Get-State 'COMSysApp').status -ne 'Running') {
    Start-Wanted 'COMSysApp'
    Add-Change 'COMSysApp started'
}
$after = Get-Facts
Write-Result ''
