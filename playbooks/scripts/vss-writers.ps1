# vss-writers: brings VSS writers that have failed to a stable state again, where that is harmless.
#
# For:     ExtensionFailedVssWriterInBadState.
# Does:    measures disks, memory, page file and processors; names each writer that is not stable, and its service;
#          restarts the services of Windows' own writers among them (VSS, CryptSvc, BITS); looks in the event logs for
#          snapshots that held writes for too long. after.advice says what follows from it for a person.
# Never:   restarts any other service, not those of SQL Server, Exchange, Active Directory, Hyper-V, a cluster.
#          A writer between freeze and completion has not failed: it looks again for minutes, and leaves it alone.
# Undo:    nothing to undo.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot
$scriptName = 'vss-writers'

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

# >>> scripts that wait for VSS writers
# The writers, once no snapshot is under way. States 2 to 5 lie between freeze and completion: they pass by themselves,
# so it looks again for six minutes before it takes such a state as it is.
function Get-SettledWriters {
    for ($look = 1; $true; $look++) {
        $writers = @(Get-Writers 120)
        $passing = @($writers | Where-Object { $_.state -ge 2 -and $_.state -le 5 })
        if ($passing.Count -eq 0 -or $look -ge 13) { return $writers }
        Start-Sleep -Seconds 30
    }
}
# <<< scripts that wait for VSS writers

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

# The services that may be restarted, by the ids of their writers: Windows' own. The ids are the same in every language.
$services = @{
    'e8132975-6f93-4464-a53e-1050253ae220' = 'CryptSvc'
    '542da469-d3e1-473c-9f4f-7847f01fc64f' = 'VSS'
    'afbab4a2-367d-4d15-a586-71dbb18f8485' = 'VSS'
    '4dc3bdd4-ab48-4d07-adb0-3bee2926fd7f' = 'VSS'
    'be000cbe-11fe-4426-9c58-531aa6355fc4' = 'VSS'
    '75dfb225-e2e4-4d39-9ac9-ffaff65ddf06' = 'VSS'
    '4969d978-be47-48b0-b100-f328f07ac1e0' = 'BITS'
}

# The services of other known writers, by the start of the writer's name. They are told to a person, never restarted.
$owners = [ordered]@{
    'SqlServerWriter' = 'SQLWriter'; 'Microsoft Exchange' = 'MSExchangeIS'; 'NTDS' = 'NTDS'; 'DFS Replication' = 'DFSR'
    'FRS Writer' = 'NtFrs'; 'DHCP Jet Writer' = 'DHCPServer'; 'WINS Jet Writer' = 'WINS'; 'WMI Writer' = 'Winmgmt'
    'IIS Config Writer' = 'AppHostSvc'; 'IIS Metabase Writer' = 'IISADMIN'; 'Microsoft Hyper-V' = 'vmms'
    'FSRM Writer' = 'srmsvc'; 'TermServLicensing' = 'TermServLicensing'; 'OSearch' = 'OSearch'; 'Cluster' = 'ClusSvc'
}

function Get-Owner($Writer) {
    if ($services.ContainsKey($Writer.id)) { return $services[$Writer.id] }
    foreach ($start in $owners.Keys) {
        if ($Writer.name -like "$start*") { return $owners[$start] }
    }
    return 'unknown'
}

# At most twelve writers, so that they fit into the answer: name, state, service.
function Get-Names($Writers) {
    return [string[]]@($Writers | Select-Object -First 12 | ForEach-Object { "$($_.name) [$($_.state)] $(Get-Owner $_)" })
}

# The result of the block, $null if it fails: what could not be seen is not taken for well.
function Get-Fact([scriptblock]$Look) {
    try {
        return & $Look
    } catch {
        return $null
    }
}

$machine = @{
    free_percent = (Get-Fact { Get-FreePercent }); free_memory_mb = (Get-Fact { Get-FreeMemory })
    page_file_percent = (Get-Fact { Get-PageFileUse }); processor_percent = (Get-Fact { Get-ProcessorLoad })
}
# VSS_E_HOLD_WRITES_TIMEOUT: the text is only English, its number is not.
$held = 'shadow copy provider timed out while holding writes|0x80042314'
$machine['holding_writes'] = Get-Fact {
    Get-Events @{ LogName = 'System', 'Application'; Level = 1, 2, 3 } { "$($_.Message)" -match $held } 1000
}

# What a person can do about the machine.
function Get-Advice {
    $fullest = 100
    if ($null -ne $machine.free_percent) {
        foreach ($percent in $machine.free_percent.Values) { if ($percent -lt $fullest) { $fullest = $percent } }
    }
    if ($fullest -lt 10) { 'A disk is nearly full: make room, or make it larger.' }
    if ($null -ne $machine.free_memory_mb -and $machine.free_memory_mb -lt 512) { 'Memory is short: use a larger VM size.' }
    if ($null -ne $machine.page_file_percent -and $machine.page_file_percent -gt 90) { 'The page file is nearly full: make it larger.' }
    if ($null -ne $machine.processor_percent -and $machine.processor_percent -gt 90) {
        'The processors are busy: back up at a quieter time, or use a larger VM size.'
    }
    if ($machine.holding_writes) {
        'The disks were too busy for a snapshot: spread the load over more disks, back up at a quieter time, or use faster disks.'
    }
}

# States 2 to 5 lie between freeze and completion, 1 is stable, and every other one is a failure.
function Get-Summary($Writers) {
    $bad = @($Writers | Where-Object { $_.state -ne 1 })
    $ids = @($Writers | ForEach-Object { $_.id })
    $missing = @($asked | Where-Object { $ids -notcontains $_.id })
    return @{
        writers = @($Writers).Count; not_stable = [string[]]@(Get-Names $bad); missing = [string[]]@(Get-Names $missing)
        failed = @($bad | Where-Object { $_.state -lt 2 -or $_.state -gt 5 }).Count
        machine = $machine; advice = [string[]]@(Get-Advice)
    }
}

function Get-Facts { return Get-Summary @(Get-SettledWriters) }

$asked = @()
$next = 'restart-service'
$writers = @(Get-Writers 120)
$next = $null
if ($writers.Count -eq 0) { Write-Result 'vssadmin named no writer; nothing was changed.' }
$before = @{ writers = $writers.Count; not_stable = [string[]]@(Get-Names @($writers | Where-Object { $_.state -ne 1 })) }
$writers = @(Get-SettledWriters)
$after = Get-Summary $writers
if (@($writers | Where-Object { $_.state -ge 2 -and $_.state -le 4 }).Count -gt 0) {
    Write-Result 'A snapshot is under way, for minutes already; nothing was changed.'
}
if ($after.failed -eq 0) { Write-Result '' }
$waiting = @($writers | Where-Object { $_.state -eq 5 }).Count -gt 0
$asked = @($writers | Where-Object { ($_.state -lt 2 -or $_.state -gt 5) -and $_.state -ne 1 -and $services.ContainsKey($_.id) })
$refused = ''
foreach ($each in @($asked | ForEach-Object { $services[$_.id] } | Sort-Object -Unique)) {
    if ($each -eq 'VSS' -and $waiting) {
        # The shadow copy of a backup that is not completed lives in VSS.
        $refused = $refused + ' VSS was not restarted, because a backup is not completed.'
        continue
    }
    try {
        Restart-Alone $each
    } catch {
        $refused = $refused + ' ' + $_.Exception.Message
    }
}
# A writer needs a moment until it is listed again.
for ($look = 1; $true; $look++) {
    $after = Get-Facts
    if ($after.missing.Count -eq 0 -or $look -ge 6) { break }
    Start-Sleep -Seconds 10
}
if ($after.failed -eq 0 -and $after.missing.Count -eq 0) { Write-Result '' }
$next = 'restart'
Write-Result "Some writers are still not stable or not listed; the services of others are restarted by nobody but their owner.$refused"
