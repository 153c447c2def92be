# com-plus: brings the COM+ System Application and the transaction coordinator (MSDTC) to work again.
#
# For:     ExtensionSnapshotFailedCOM, ExtensionInstallationFailedCOM, ExtensionInstallationFailedMDTC.
# Does:    lets MSDTC run as NT AUTHORITY\NetworkService, lets a disabled MSDTC or COMSysApp start, starts both;
#          restarts them only after the account was changed.
# Never:   reinstalls MSDTC (reinstall-msdtc does), stops a service that another running one depends on.
# Undo:    undo.txt in the folder that the answer names. A password of the former account is not known to it.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot
$scriptName = 'com-plus'

# >>> every script
Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'
$ProgressPreference = 'SilentlyContinue'
$WarningPreference = 'SilentlyContinue'
$before = @{}
$after = @{}
$changed = New-Object System.Collections.ArrayList
$undo = $null
$system = [Environment]::SystemDirectory

function Limit-Text([string]$Text) {
    if ($Text.Length -gt 200) { return $Text.Substring(0, 200) + '...' }
    return $Text
}

# Prints the one line, in ASCII. If it is longer than Run Command returns, parts are replaced by a mark ("cut").
function Write-Result([string]$Problem) {
    $said = [ordered]@{
        script = $scriptName; version = 1; before = $before; changed = [string[]]@($changed)
        after = $after; undo = $undo; problem = $null
    }
    if ($Problem) { $said['problem'] = Limit-Text $Problem }
    foreach ($part in 'all', 'before', 'after', 'changed') {
        if ($part -eq 'changed') {
            $said[$part] = [string[]]@('cut')
        } elseif ($part -ne 'all') {
            $said[$part] = @{ cut = $true }
        }
        $line = ConvertTo-Json -InputObject $said -Compress -Depth 6
        $line = [regex]::Replace($line, '[^\x20-\x7e]', { param($found) '\u{0:x4}' -f [int][char]$found.Value })
        if ($line.Length -le 3500) { break }
    }
    [Console]::Out.WriteLine($line)
    if ($Problem) { exit 1 }
    exit 0
}

# Every error becomes the problem in the answer. A stack of errors is never printed.
trap { Write-Result "It stopped: $($_.Exception.Message)" }

# Runs the program at a full path, without input. Returns its exit code and output.
function Invoke-Tool([string]$File, [string]$Arguments, [int]$Seconds) {
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
        $process.Kill()
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
function Start-Wanted([string]$Name) {
    Start-Service -Name $Name
    (Get-Service -Name $Name).WaitForStatus('Running', [TimeSpan]::FromSeconds(60))
}

# Restarts a service, unless another running service depends on it.
function Restart-Alone([string]$Name) {
    $others = @(Get-Service -Name $Name -DependentServices | Where-Object { $_.Status -ne 'Stopped' })
    if ($others.Count -gt 0) {
        $names = @($others | ForEach-Object { $_.Name }) -join ', '
        throw "$Name was not restarted, because these running services depend on it: $names."
    }
    if ((Get-Service -Name $Name).Status -ne 'Stopped') { Stop-Service -Name $Name }
    (Get-Service -Name $Name).WaitForStatus('Stopped', [TimeSpan]::FromSeconds(60))
    Start-Wanted $Name
    Add-Change "$Name restarted"
}

# Lets a disabled service start on demand again.
function Enable-Demand([string]$Name) {
    $state = Get-State $Name
    if ($state.start -ne 'Disabled') { return }
    Add-Undo "sc.exe config $Name start= disabled"
    Set-Service -Name $Name -StartupType Manual
    Add-Change "$Name is no longer disabled"
}
# <<< scripts that start services

function Get-Both { return @{ MSDTC = (Get-State 'MSDTC'); COMSysApp = (Get-State 'COMSysApp') } }

$before = Get-Both
$after = $before
if ($null -eq $before.MSDTC) { Write-Result 'MSDTC is not installed: reinstall-msdtc comes first.' }
if ($null -eq $before.COMSysApp) { Write-Result 'The COM+ System Application is not installed; nothing was changed.' }

# The name of the account has several spellings and languages. Its SID is always the same.
$sid = ''
try {
    $account = New-Object System.Security.Principal.NTAccount $before.MSDTC.account
    $sid = $account.Translate([System.Security.Principal.SecurityIdentifier]).Value
} catch {
    $sid = ''
}
$moved = $sid -ne 'S-1-5-20'
if ($moved) {
    Add-Undo "sc.exe config MSDTC obj= `"$($before.MSDTC.account)`""
    $service = Get-CimInstance -ClassName Win32_Service -Filter "Name='MSDTC'" -OperationTimeoutSec 30
    $account = @{ StartName = 'NT AUTHORITY\NetworkService'; StartPassword = '' }
    $answer = Invoke-CimMethod -InputObject $service -MethodName Change -Arguments $account
    if ($answer.ReturnValue -ne 0) { throw "MSDTC's account could not be changed (code $($answer.ReturnValue))." }
    Add-Change 'MSDTC runs as NT AUTHORITY\NetworkService'
}
foreach ($each in 'MSDTC', 'COMSysApp') {
    Enable-Demand $each
    if ((Get-State $each).status -ne 'Running') {
        Start-Wanted $each
        Add-Change "$each started"
    } elseif ($moved) {
        Restart-Alone $each
    }
}
$after = Get-Both
Write-Result ''
