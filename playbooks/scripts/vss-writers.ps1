# vss-writers: restarts the services of VSS writers in a bad state, if that is harmless.
#
# For:     ExtensionFailedVssWriterInBadState.
# Does:    asks vssadmin for the writers, and restarts the services of those that are not stable, if they are
#          Windows' own VSS, CryptSvc or BITS. All other writers are named in after.others, for a human.
# Never:   restarts SQL Server, Exchange, a domain controller, Hyper-V, a cluster, or whatever else is not in its
#          list; acts while a snapshot is being taken; writes USEVSSCOPYBACKUP.
# Undo:    nothing to undo: a restart.
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

# The writers: name, id, and number of the state. "[1]" means stable in every language.
function Get-Writers {
    $told = Invoke-Tool "$system\vssadmin.exe" 'list writers' 120
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

# At most twelve names, so that they fit into the answer.
function Get-Names($Writers) {
    return [string[]]@($Writers | Select-Object -First 12 | ForEach-Object { "$($_.name) [$($_.state)]" })
}

$writers = @(Get-Writers)
if ($writers.Count -eq 0) { Write-Result 'vssadmin named no writer; nothing was changed.' }
$bad = @($writers | Where-Object { $_.state -ne 1 })
$before = @{ writers = $writers.Count; not_stable = [string[]]@(Get-Names $bad) }
$after = $before
if ($bad.Count -eq 0) { Write-Result '' }
if (@($bad | Where-Object { $_.state -ge 2 -and $_.state -le 5 }).Count -gt 0) {
    Write-Result 'A writer is between freeze and completion: a snapshot may be under way; nothing was changed.'
}
$refused = ''
$wanted = @($bad | Where-Object { $services.ContainsKey($_.id) } | ForEach-Object { $services[$_.id] } | Sort-Object -Unique)
foreach ($each in $wanted) {
    try {
        Restart-Alone $each
    } catch {
        $refused = $refused + ' ' + $_.Exception.Message
    }
}
$writers = @(Get-Writers)
$bad = @($writers | Where-Object { $_.state -ne 1 })
$others = @($bad | Where-Object { -not $services.ContainsKey($_.id) })
$after = @{ writers = $writers.Count; not_stable = [string[]]@(Get-Names $bad); others = [string[]]@(Get-Names $others) }
if ($bad.Count -eq 0) { Write-Result '' }
Write-Result "Some writers are still not stable; those in after.others are restarted by nobody but their owner.$refused"
