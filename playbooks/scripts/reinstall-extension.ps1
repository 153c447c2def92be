# reinstall-extension: lets the agent install the backup extension completely anew, half a minute after this script.
#
# For:     ExtensionCommandExecFailure, ExtensionOperationFailedForManagedDisks, when milder remedies did not help.
# Does:    sets up a task that deletes itself. It stops the guest agent, renames the extension's folder, keeps and
#          deletes the extension's HandlerState key, sets IsProviderInstalled and IsCommonProviderInstalled to False,
#          and starts the agent again, whatever went wrong before. Its result stands in result.txt in the undo folder.
#          If the agent has removed the folder and the key itself, it only sets the two values, at once.
# Never:   does so while a backup runs in the guest; stops the agent itself, which carries Run Command; deletes the
#          folder; restarts Windows, which Microsoft's procedure asks for afterwards.
# Undo:    undo.txt in the folder that the answer names; the task writes it.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-manage-vms
$scriptName = 'reinstall-extension'

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

# >>> scripts that change the registry
# A value below HKEY_LOCAL_MACHINE as it is stored, $null if there is none.
function Get-Registry([string]$Key, [string]$Name) {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    if ($null -eq $open) { return $null }
    try {
        return $open.GetValue($Name, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames)
    } finally {
        $open.Close()
    }
}

# Sets a value if it differs. The former value is kept first.
function Set-Registry([string]$Key, [string]$Name, $Value, [Microsoft.Win32.RegistryValueKind]$Kind) {
    $now = Get-Registry $Key $Name
    if ($null -ne $now) {
        if ($now.GetType() -eq $Value.GetType() -and $now -ceq $Value) { return }
        Open-Undo
        $file = "$undo\" + ($Key -replace '[^A-Za-z0-9.]', '_') + '.reg'
        if (-not [System.IO.File]::Exists($file)) {
            $saved = Invoke-Tool "$system\reg.exe" "export `"HKLM\$Key`" `"$file`" /y" 60 -NeverKill
            if ($saved.Code -ne 0) { throw "HKLM\$Key could not be saved; it was not changed." }
            Add-Undo "reg import `"$file`""
        }
    } else {
        Add-Undo "reg delete `"HKLM\$Key`" /v $Name /f"
    }
    [Microsoft.Win32.Registry]::SetValue("HKEY_LOCAL_MACHINE\$Key", $Name, $Value, $Kind)
    Add-Change "HKLM\$Key : $Name = $Value"
}
# <<< scripts that change the registry

# >>> scripts that look at services
# The state of a service, $null if there is no service of that name.
function Get-State([string]$Name) {
    $found = @(Get-CimInstance -ClassName Win32_Service -Filter "Name='$Name'" -OperationTimeoutSec 30)
    if ($found.Count -eq 0) { return $null }
    return @{ status = "$($found[0].State)"; start = "$($found[0].StartMode)"; account = "$($found[0].StartName)" }
}
# <<< scripts that look at services

$task = 'remediate-reinstall-extension'
$name = 'Microsoft.Azure.RecoveryServices.VMSnapshot'
$plugin = [System.IO.Path]::GetPathRoot($system) + "Packages\Plugins\$name"
$states = 'SOFTWARE\Microsoft\WindowsAzure\HandlerState'
$agent = 'SOFTWARE\Microsoft\BcdrAgent'
$persistent = 'SOFTWARE\Microsoft\BcdrAgentPersistentKeys'

# The names of the extension's keys below HandlerState, one for each version.
function Get-Handlers {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($states)
    if ($null -eq $open) { return @() }
    try {
        return @($open.GetSubKeyNames() | Where-Object { $_ -like "$($name)_*" })
    } finally {
        $open.Close()
    }
}

function Get-Facts {
    return @{
        folder = [System.IO.Directory]::Exists($plugin); handlers = [string[]]@(Get-Handlers)
        IsProviderInstalled = (Get-Registry $agent 'IsProviderInstalled')
        IsCommonProviderInstalled = (Get-Registry $persistent 'IsCommonProviderInstalled')
        WindowsAzureGuestAgent = (Get-State 'WindowsAzureGuestAgent')
        planned = [bool]@(Get-ScheduledTask | Where-Object { $_.TaskName -eq $task }).Count
    }
}

# What the task does. UNDO, SYSTEM and PLUGIN are put in below; task.ps1 in the undo folder keeps it.
$work = @'
$ErrorActionPreference = 'Stop'
$undo = 'UNDO'
$result = 'It did not get to its end.'
function Add-Line([string]$Line) { [System.IO.File]::AppendAllText("$undo\undo.txt", "$Line`r`n") }
function Save-Key([string]$Key, [string]$File) {
    $saved = Start-Process -FilePath 'SYSTEM\reg.exe' -ArgumentList "export `"HKLM\$Key`" `"$undo\$File`" /y" -Wait -PassThru
    if ($saved.ExitCode -ne 0) { throw "HKLM\$Key could not be saved." }
    Add-Line "reg import `"$undo\$File`""
}
$old = ''
try {
    if (@(Get-CimInstance -ClassName Win32_Process -Filter "Name='IaaSBcdrExtension.exe'").Count -gt 0) { throw 'The backup extension is at work.' }
    Stop-Service -Force -Name WindowsAzureGuestAgent
    (Get-Service -Name WindowsAzureGuestAgent).WaitForStatus('Stopped', [TimeSpan]::FromSeconds(60))
    Add-Line 'net stop WindowsAzureGuestAgent'
    Save-Key 'SOFTWARE\Microsoft\WindowsAzure' 'WindowsAzure.reg'
    if ([System.IO.Directory]::Exists('PLUGIN')) {
        $place = 'PLUGIN_old'
        if ([System.IO.Directory]::Exists($place)) { $place = $place + '-' + [DateTime]::UtcNow.ToString('yyyyMMddHHmmss') }
        [System.IO.Directory]::Move('PLUGIN', $place)
        $old = $place
        Add-Line 'move "PLUGIN" "PLUGIN_new"'
        Add-Line "move `"$old`" `"PLUGIN`""
    }
    $states = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey('SOFTWARE\Microsoft\WindowsAzure\HandlerState', $true)
    if ($null -ne $states) {
        foreach ($key in @($states.GetSubKeyNames() | Where-Object { $_ -like 'Microsoft.Azure.RecoveryServices.VMSnapshot_*' })) {
            $states.DeleteSubKeyTree($key)
        }
        $states.Close()
    }
    foreach ($pair in @('BcdrAgent', 'IsProviderInstalled'), @('BcdrAgentPersistentKeys', 'IsCommonProviderInstalled')) {
        $place = "HKEY_LOCAL_MACHINE\SOFTWARE\Microsoft\$($pair[0])"
        if ($null -eq [Microsoft.Win32.Registry]::GetValue($place, $pair[1], $null)) {
            Add-Line "reg delete `"HKLM\SOFTWARE\Microsoft\$($pair[0])`" /v $($pair[1]) /f"
        } else {
            Save-Key "SOFTWARE\Microsoft\$($pair[0])" "$($pair[0]).reg"
        }
        [Microsoft.Win32.Registry]::SetValue($place, $pair[1], 'False', [Microsoft.Win32.RegistryValueKind]::String)
    }
    $result = 'Done.'
} catch {
    $result = $_.Exception.Message
    # Half of the procedure is worse than none: the folder goes back, and its keys with it.
    if ($old -and -not [System.IO.Directory]::Exists('PLUGIN')) {
        [System.IO.Directory]::Move($old, 'PLUGIN')
        [void](Start-Process -FilePath 'SYSTEM\reg.exe' -ArgumentList "import `"$undo\WindowsAzure.reg`"" -Wait -PassThru)
        [System.IO.File]::WriteAllText("$undo\undo.txt", '')
        $result = $result + ' The folder and its keys were put back.'
    }
} finally {
    for ($look = 0; $look -lt 30 -and (Get-Service -Name WindowsAzureGuestAgent).Status -ne 'Running'; $look++) {
        Start-Service -ErrorAction SilentlyContinue -Name WindowsAzureGuestAgent
        Start-Sleep -Seconds 10
    }
    Add-Line 'net start WindowsAzureGuestAgent'
    $state = (Get-Service -Name WindowsAzureGuestAgent).Status
    [System.IO.File]::WriteAllText("$undo\result.txt", "$result The agent is $state.`r`n")
}
'@

$before = Get-Facts
$after = $before
if ($null -eq $before.WindowsAzureGuestAgent) { Write-Result 'The service WindowsAzureGuestAgent is not installed; nothing was changed.' }
if ($before.planned) { Write-Result '' }
if (@(Get-CimInstance -ClassName Win32_Process -Filter "Name='IaaSBcdrExtension.exe'" -OperationTimeoutSec 30).Count -gt 0) {
    Write-Result 'The backup extension is at work; nothing was changed.'
}
if (-not $before.folder -and $before.handlers.Count -eq 0) {
    Set-Registry $agent 'IsProviderInstalled' 'False' 'String'
    Set-Registry $persistent 'IsCommonProviderInstalled' 'False' 'String'
} else {
    Open-Undo
    $text = $work.Replace('UNDO', $undo).Replace('SYSTEM\reg', "$system\reg").Replace('PLUGIN', $plugin)
    # The folder is closed to all but administrators. A policy for script files does not count for a block of text.
    [System.IO.File]::WriteAllText("$undo\task.ps1", $text)
    $command = "& ([scriptblock]::Create([System.IO.File]::ReadAllText('$undo\task.ps1')))"
    $action = New-ScheduledTaskAction -Execute "$system\WindowsPowerShell\v1.0\powershell.exe" `
        -Argument "-NoProfile -NonInteractive -Command `"$command`""
    $trigger = New-ScheduledTaskTrigger -Once -At ([DateTime]::Now.AddSeconds(30))
    $trigger.EndBoundary = [DateTime]::Now.AddMinutes(20).ToString('s')
    $settings = New-ScheduledTaskSettingsSet -StartWhenAvailable -AllowStartIfOnBatteries -DontStopIfGoingOnBatteries `
        -ExecutionTimeLimit ([TimeSpan]::FromMinutes(15)) -DeleteExpiredTaskAfter ([TimeSpan]::FromMinutes(1))
    $who = New-ScheduledTaskPrincipal -UserId 'S-1-5-18' -LogonType ServiceAccount -RunLevel Highest
    [void](Register-ScheduledTask -TaskName $task -Action $action -Trigger $trigger -Settings $settings -Principal $who)
    Add-Change 'the extension is reinstalled by a task in half a minute'
}
$after = Get-Facts
Write-Result ''
