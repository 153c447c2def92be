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

# >>> scripts that look at services
# The state of a service, $null if there is no service of that name.
function Get-State([string]$Name) {
    $found = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='$Name'" -OperationTimeoutSec 30)
    if ($found.Count -eq 0) { return $null }
    return @{ status = "$($found[0].State)"; start = "$($found[0].StartMode)"; account = "$($found[0].StartName)" }
}
# <<< scripts that look at services

# >>> scripts that look at events
# How often an event was logged in the last week, among the newest that the filter finds. It counts to ten at most.
function Get-Events([hashtable]$Filter, [scriptblock]$Wanted, [int]$Newest = 200) {
    $Filter['StartTime'] = [DateTime]::Now.AddDays(-7)
    try {
        $logged = @(Get-WinEvent -FilterHashtable $Filter -MaxEvents $Newest)
    } catch {
        # "No events" is an error too. Any other error means that the log could not be read.
        if ($_.FullyQualifiedErrorId -notlike 'NoMatchingEventsFound*') { throw }
        $logged = @()
    }
    return @($logged | Where-Object $Wanted | Select-Object -First 10).Count
}
# <<< scripts that look at events

# >>> scripts that try the network
# Whether a TCP port answers within three seconds, without any proxy.
function Test-Port([string]$Machine, [int]$Port) {
    $client = New-Object System.Net.Sockets.TcpClient
    try {
        $asked = $client.BeginConnect($Machine, $Port, $null, $null)
        return $asked.AsyncWaitHandle.WaitOne(3000) -and $client.Connected
    } finally {
        $client.Close()
    }
}
# <<< scripts that try the network

# >>> scripts that measure the machine
# How much of each fixed disk is free, in percent.
function Get-FreePercent {
    $free = @{}
    foreach ($disk in @(Get-CimInstance -ClassName Win32_LogicalDisk -Filter 'DriveType=3' -OperationTimeoutSec 10)) {
        if ($disk.Size -gt 0) {
            $percent = [Math]::Floor(100 * $disk.FreeSpace / $disk.Size)
            $free["$($disk.DeviceID)"] = [int]$percent
        }
    }
    return $free
}

# Free memory, in MB.
function Get-FreeMemory {
    $windows = Get-CimInstance -ClassName Win32_OperatingSystem -OperationTimeoutSec 10
    return [int][Math]::Floor($windows.FreePhysicalMemory / 1024)
}

# How much of the page files is used, in percent. $null if there is none.
function Get-PageFileUse {
    $size = 0
    $used = 0
    foreach ($file in @(Get-CimInstance -ClassName Win32_PageFileUsage -OperationTimeoutSec 10)) {
        $size = $size + $file.AllocatedBaseSize
        $used = $used + $file.CurrentUsage
    }
    if ($size -eq 0) { return $null }
    return [int][Math]::Floor(100 * $used / $size)
}

# The load of the busiest processor, in percent. $null if Windows does not say.
function Get-ProcessorLoad {
    $load = $null
    foreach ($each in @(Get-CimInstance -ClassName Win32_Processor -OperationTimeoutSec 10)) {
        if ($null -ne $each.LoadPercentage -and ($null -eq $load -or $each.LoadPercentage -gt $load)) {
            $load = [int]$each.LoadPercentage
        }
    }
    return $load
}
# <<< scripts that measure the machine

# >>> scripts that look at VSS writers
# The writers: name, id, and number of the state. "[1]" means stable in every language.
function Get-Writers([int]$Seconds) {
    $told = Invoke-Tool "$system\vssadmin.exe" 'list writers' $Seconds
    if ($told.Code -ne 0) { throw 'vssadmin could not list the writers: vss-service comes first.' }
    foreach ($block in [regex]::Split($told.Text, '(?:\r?\n){2,}')) {
        $id = [regex]::Match($block, '\{([0-9A-Fa-f-]{36})\}')
        $state = [regex]::Match($block, '\[(\d+)\]')
        if (-not ($id.Success -and $state.Success)) { continue }
        $first = $block.Trim().Split("`n")[0].Trim()
        $label = [regex]::Match($first, '^[^:]*:\s*(.*)$')
        if ($label.Success) { $first = $label.Groups[1].Value.Trim("'", '"', ' ') }
        @{ name = (Limit-Text $first); id = $id.Groups[1].Value.ToLowerInvariant(); state = [int]$state.Groups[1].Value }
    }
}
# <<< scripts that look at VSS writers

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

# The start of a name, because the findings must fit into the answer as well.
function Get-Start([string]$Text) {
    return $Text.Substring(0, [Math]::Min(40, $Text.Length))
}

# The bits of a program or module, from its header: 64 or 32. $null if it is neither.
function Get-Bits([string]$Path) {
    $bytes = New-Object byte[] 4096
    $file = [System.IO.File]::OpenRead($Path)
    try {
        [void]$file.Read($bytes, 0, 4096)
    } finally {
        $file.Close()
    }
    $header = [BitConverter]::ToInt32($bytes, 60)
    if ($header -lt 64 -or $header -gt 4000) { return $null }
    switch ([BitConverter]::ToUInt16($bytes, $header + 4)) {
        0x8664 { return 64 }
        0xAA64 { return 64 }
        0x014C { return 32 }
    }
    return $null
}

function Test-Key([string]$Key) {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    if ($null -eq $open) { return $false }
    $open.Close()
    return $true
}

$seen = @{}
function Get-Facts { return $seen }

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

$seen['host_80'] = Get-Fact { Test-Port '168.63.129.16' 80 }
$seen['host_32526'] = Get-Fact { Test-Port '168.63.129.16' 32526 }
foreach ($port in 80, 32526) {
    if ($seen["host_$port"] -eq $false) { Add-Finding "host-port-$port-unreachable" }
}

$seen['free_percent'] = Get-Fact { Get-FreePercent }
if ($null -ne $seen['free_percent'] -and @($seen['free_percent'].Values | Where-Object { $_ -lt 5 }).Count -gt 0) {
    Add-Finding 'disk-nearly-full'
}
$seen['free_memory_mb'] = Get-Fact { Get-FreeMemory }

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
    $bad = @(Get-Writers 20 | Where-Object { $_.state -ne 1 })
    @{ number = $bad.Count; first = [string[]]@($bad | Select-Object -First 3 | ForEach-Object { "$(Get-Start $_.name) [$($_.state)]" }) }
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

# The module by which the backup extension registers its VSS provider. regsvr32 registers only a module of Windows' own bits.
$seen['provider'] = Get-Fact {
    $plugin = [System.IO.Path]::GetPathRoot($system) + 'Packages\Plugins\Microsoft.Azure.RecoveryServices.VMSnapshot'
    $newest = $null
    if ([System.IO.Directory]::Exists($plugin)) {
        $newest = Get-ChildItem -LiteralPath $plugin -Directory | Where-Object { $_.Name -match '^\d+(\.\d+){1,3}$' } |
            Sort-Object -Property { [version]$_.Name } | Select-Object -Last 1
    }
    if ($null -eq $newest) {
        @{ extension = $null }
    } else {
        $module = Join-Path $newest.FullName 'iaasvmprovider.dll'
        $there = [System.IO.File]::Exists($module)
        $bits = $null
        $signed = $null
        if ($there) {
            $bits = Get-Bits $module
            $signed = "$((Get-AuthenticodeSignature -LiteralPath $module).Status)"
        }
        @{ extension = $newest.Name; module = $there; bits = $bits; windows = (Get-Bits "$system\regsvr32.exe"); signature = $signed }
    }
}
if ($null -ne $seen['provider'] -and $null -ne $seen['provider'].extension) {
    if (-not $seen['provider'].module) { Add-Finding 'provider-module-missing' }
    if ($seen['provider'].signature -eq 'HashMismatch') { Add-Finding 'provider-module-altered' }
    if ($null -ne $seen['provider'].bits -and $null -ne $seen['provider'].windows -and $seen['provider'].bits -ne $seen['provider'].windows) {
        Add-Finding 'provider-module-other-bits'
    }
}
$seen['runtimes'] = Get-Fact {
    $found = @{}
    foreach ($version in '12.0', '14.0') {
        $found[$version] = $false
        foreach ($half in 'SOFTWARE', 'SOFTWARE\Wow6432Node') {
            $entry = "HKEY_LOCAL_MACHINE\$half\Microsoft\VisualStudio\$version\VC\Runtimes\x64"
            if ([Microsoft.Win32.Registry]::GetValue($entry, 'Installed', 0) -eq 1) { $found[$version] = $true }
        }
    }
    $found
}
if ($null -ne $seen['runtimes'] -and -not $seen['runtimes']['12.0']) { Add-Finding 'runtime-2013-missing' }

# Only told: Microsoft's texts contradict each other about its meaning.
$seen['UseVSSCopyBackup'] = Get-Fact { [Microsoft.Win32.Registry]::GetValue('HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\BcdrAgent', 'UseVSSCopyBackup', $null) }

$seen['findings'] = [string[]]@($findings)
$after = $seen
Write-Result ''
