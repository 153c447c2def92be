# restart-agent: restarts the Azure guest agent, a minute after this script has ended.
#
# For:     UserErrorGuestAgentStatusUnavailable, GuestAgentSnapshotTaskStatusError,
#          ExtensionOperationFailedForManagedDisks, while the agent still answers.
# Does:    lets the agent's services start with Windows, and sets up a task that restarts them in a minute and
#          deletes itself: Run Command is carried by the agent, so a restart within it would cut its own channel.
#          The task starts the services again whatever the stop said. Whether it worked must be looked for later.
# Never:   waits for the restart, restarts Windows. Run again within twenty minutes, it does nothing.
# Undo:    undo.txt in the folder that the answer names, if a service did not start with Windows.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-troubleshoot-vm-backup-fails-snapshot-timeout
$scriptName = 'restart-agent'

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

$task = 'remediate-restart-agent'
function Get-Facts {
    return @{
        WindowsAzureGuestAgent = (Get-State 'WindowsAzureGuestAgent'); RdAgent = (Get-State 'RdAgent')
        restart = [bool]@(Get-ScheduledTask | Where-Object { $_.TaskName -eq $task }).Count
    }
}

# What the task does, for each service that is there. A stop that fails, or lasts, leaves no service off. It becomes one
# line between quotation marks: it may contain none itself.
$command = @'
foreach ($name in @(Get-Service | Where-Object { 'RdAgent', 'WindowsAzureGuestAgent' -contains $_.Name } | ForEach-Object { $_.Name })) {
    try {
        Restart-Service -Force -Name $name
    } finally {
        for ($look = 0; $look -lt 30 -and (Get-Service -Name $name).Status -ne 'Running'; $look++) {
            Start-Service -ErrorAction SilentlyContinue -Name $name;
            Start-Sleep -Seconds 10
        }
    }
}
'@

$before = Get-Facts
$after = $before
if ($null -eq $before.WindowsAzureGuestAgent) { Write-Result 'The service WindowsAzureGuestAgent is not installed; nothing was changed.' }
foreach ($each in 'RdAgent', 'WindowsAzureGuestAgent') {
    if ($null -eq $before[$each] -or $before[$each].start -eq 'Auto') { continue }
    $former = 'demand'
    if ($before[$each].start -eq 'Disabled') { $former = 'disabled' }
    Add-Undo "sc.exe config $each start= $former"
    Set-Service -Name $each -StartupType Automatic
    Add-Change "$each starts with Windows"
}
if (-not $before.restart) {
    $line = $command -replace '\s*\r?\n\s*', ' '
    $action = New-ScheduledTaskAction -Execute "$system\WindowsPowerShell\v1.0\powershell.exe" `
        -Argument "-NoProfile -NonInteractive -Command `"$line`""
    $trigger = New-ScheduledTaskTrigger -Once -At ([DateTime]::Now.AddMinutes(1))
    $trigger.EndBoundary = [DateTime]::Now.AddMinutes(20).ToString('s')
    $settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
        -ExecutionTimeLimit ([TimeSpan]::FromMinutes(15)) -DeleteExpiredTaskAfter ([TimeSpan]::FromMinutes(1))
    $who = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
    [void](Register-ScheduledTask -TaskName $task -Action $action -Trigger $trigger -Settings $settings -Principal $who)
    Add-Change 'the agent restarts in a minute'
}
$after = Get-Facts
Write-Result ''
