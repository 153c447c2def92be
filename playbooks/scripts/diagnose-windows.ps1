# diagnose-windows: looks at what Microsoft's articles ask about a Windows guest, and changes nothing.
#
# For:     every code whose cause lies in the guest: the agent, VSS, disks, BitLocker, antivirus, network.
# Does:    reads, for less than a minute, and tells what it saw in "after" and what stands out in "after.findings".
#          What could not be seen is null, never taken for well.
# Never:   writes anything.
# Undo:    nothing to undo.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout
#          https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot
$scriptName = 'diagnose-windows'

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

# >>> scripts that look at services
# The state of a service, $null if there is no service of that name.
function Get-State([string]$Name) {
    $found = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='$Name'" -OperationTimeoutSec 30)
    if ($found.Count -eq 0) { return $null }
    return @{ status = "$($found[0].State)"; start = "$($found[0].StartMode)"; account = "$($found[0].StartName)" }
}
# <<< scripts that look at services

$clock = [System.Diagnostics.Stopwatch]::StartNew()
$findings = New-Object System.Collections.ArrayList

# The result of the block, $null if it fails or 45 seconds have already passed.
function Get-Fact([scriptblock]$Look) {
    if ($clock.Elapsed.TotalSeconds -gt 45) { return $null }
    try {
        return & $Look
    } catch {
        return $null
    }
}

function Add-Finding([string]$Text) {
    [void]$findings.Add($Text)
}

# Whether a TCP port of the Azure host answers within three seconds.
function Test-Port([int]$Port) {
    $client = New-Object System.Net.Sockets.TcpClient
    try {
        $asked = $client.BeginConnect('168.63.129.16', $Port, $null, $null)
        return $asked.AsyncWaitHandle.WaitOne(3000) -and $client.Connected
    } finally {
        $client.Close()
    }
}

# How often an event was logged in the last week. It counts to ten at most.
function Get-Events([hashtable]$Filter, [scriptblock]$Wanted) {
    $Filter['StartTime'] = [DateTime]::Now.AddDays(-7)
    try {
        $logged = @(Get-WinEvent -FilterHashtable $Filter -MaxEvents 200)
    } catch {
        # "No events" is an error too. Any other error means that the log could not be read.
        if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw }
        $logged = @()
    }
    return @($logged | Where-Object $Wanted | Select-Object -First 10).Count
}

# The start of a name, because the findings must fit into the answer as well.
function Get-Start([string]$Text) {
    return $Text.Substring(0, [Math]::Min(40, $Text.Length))
}

function Test-Key([string]$Key) {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    if ($null -eq $open) { return $false }
    $open.Close()
    return $true
}

$seen = @{}
foreach ($each in 'WindowsAzureGuestAgent', 'RdAgent', 'IaasVmProvider', 'VSS', 'COMSysApp', 'MSDTC') {
    $seen[$each] = Get-Fact { Get-State $each }
}
$agent = $seen['WindowsAzureGuestAgent']
if ($null -ne $agent -and $agent.status -ne 'Running') { Add-Finding 'agent-not-running' }
if ($null -ne $agent -and $agent.start -ne 'Auto') { Add-Finding 'agent-not-at-boot' }
foreach ($each in 'VSS', 'COMSysApp', 'MSDTC') {
    if ($null -ne $seen[$each] -and $seen[$each].start -eq 'Disabled') { Add-Finding "$($each.ToLowerInvariant())-disabled" }
}
if ($null -ne $seen['MSDTC'] -and $seen['MSDTC'].account -notmatch 'NetworkService$|NETWORK SERVICE$') { Add-Finding 'msdtc-account' }

$seen['host_80'] = Get-Fact { Test-Port 80 }
$seen['host_32526'] = Get-Fact { Test-Port 32526 }
foreach ($port in 80, 32526) {
    if ($seen["host_$port"] -eq $false) { Add-Finding "host-port-$port-unreachable" }
}

$seen['free_percent'] = Get-Fact {
    $free = @{}
    foreach ($disk in @(Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType=3' -OperationTimeoutSec 10)) {
        if ($disk.Size -gt 0) {
            $percent = [Math]::Floor(100 * $disk.FreeSpace / $disk.Size)
            $free["$($disk.DeviceID)"] = [int]$percent
        }
    }
    $free
}
if ($null -ne $seen['free_percent'] -and @($seen['free_percent'].Values | Where-Object { $_ -lt 5 }).Count -gt 0) {
    Add-Finding 'disk-nearly-full'
}
$seen['free_memory_mb'] = Get-Fact {
    $windows = Get-CimInstance -ClassName Win32_OperatingSystem -OperationTimeoutSec 10
    [int][Math]::Floor($windows.FreePhysicalMemory / 1024)
}

$seen['restart_pending'] = Get-Fact {
    $current = 'SOFTWARE\Microsoft\Windows\CurrentVersion'
    (Test-Key "$current\Component Based Servicing\RebootPending") -or (Test-Key "$current\WindowsUpdate\Auto Update\RebootRequired")
}
if ($seen['restart_pending']) { Add-Finding 'restart-pending' }

# 0: off, 1: on, 2: unknown. A locked drive has 2.
$seen['bitlocker'] = Get-Fact {
    $drives = @{}
    $space = 'root/CIMV2/Security/MicrosoftVolumeEncryption'
    foreach ($drive in @(Get-CimInstance -Namespace $space -ClassName Win32_EncryptableVolume -OperationTimeoutSec 10)) {
        $drives["$($drive.DriveLetter)"] = [int]$drive.ProtectionStatus
    }
    $drives
}
if ($null -ne $seen['bitlocker'] -and @($seen['bitlocker'].Values | Where-Object { $_ -eq 2 }).Count -gt 0) { Add-Finding 'bitlocker-locked' }
if ($null -ne $seen['bitlocker'] -and @($seen['bitlocker'].Values | Where-Object { $_ -eq 1 }).Count -gt 0) { Add-Finding 'bitlocker-on' }

$seen['writers_not_stable'] = Get-Fact {
    $told = Invoke-Tool "$system\vssadmin.exe" 'list writers' 20
    if ($told.Code -ne 0) { throw 'vssadmin failed' }
    $bad = New-Object System.Collections.ArrayList
    foreach ($block in [regex]::Split($told.Text, '(?:\r?\n){2,}')) {
        $state = [regex]::Match($block, '\[(\d+)\]')
        if ($block -match '\{[0-9A-Fa-f-]{36}\}' -and $state.Success -and $state.Groups[1].Value -ne '1') {
            $first = $block.Trim().Split("`n")[0].Trim()
            [void]$bad.Add((Get-Start $first))
        }
    }
    @{ number = $bad.Count; first = [string[]]@($bad | Select-Object -First 3) }
}
if ($null -ne $seen['writers_not_stable'] -and $seen['writers_not_stable'].number -gt 0) { Add-Finding 'vss-writers-not-stable' }

$seen['extension_faults'] = Get-Fact {
    Get-Events @{ LogName = 'Application'; ProviderName = 'Application Error'; Id = 1000 } {
        $_.Properties.Count -gt 0 -and "$($_.Properties[0].Value)" -eq 'IaaSBcdrExtension.exe'
    }
}
if ($seen['extension_faults']) { Add-Finding 'extension-faults' }
$seen['applocker_blocks'] = Get-Fact {
    Get-Events @{ LogName = 'Microsoft-Windows-AppLocker/EXE and DLL'; Id = 8003, 8004 } { "$($_.Message)" -match 'IaaSBcdrExtension' }
}
if ($seen['applocker_blocks']) { Add-Finding 'applocker-blocks-extension' }
$seen['server_backup_failures'] = Get-Fact {
    Get-Events @{ LogName = 'Application'; ProviderName = 'Microsoft-Windows-Backup'; Id = 517 } { $true }
}
if ($seen['server_backup_failures']) { Add-Finding 'windows-server-backup-fails' }

$seen['antivirus'] = Get-Fact {
    $products = @(Get-CimInstance -Namespace 'root/SecurityCenter2' -ClassName AntiVirusProduct -OperationTimeoutSec 10)
    @{ products = [string[]]@($products | Select-Object -First 3 | ForEach-Object { Get-Start "$($_.displayName)" }) }
}
$seen['defender'] = Get-Fact { (Get-State 'WinDefend').status }
$seen['without_dhcp'] = Get-Fact {
    $cards = @(Get-CimInstance -ClassName Win32_NetworkAdapterConfiguration -Filter 'IPEnabled=TRUE' -OperationTimeoutSec 10)
    @($cards | Where-Object { -not $_.DHCPEnabled }).Count
}
if ($seen['without_dhcp']) { Add-Finding 'dhcp-off' }
$seen['dotnet_release'] = Get-Fact {
    [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\NET Framework Setup\NDP\v4\Full', 'Release', $null)
}

$seen['findings'] = [string[]]@($findings)
$after = $seen
Write-Result ''
