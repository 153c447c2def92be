# windows-installer: brings Windows Installer to work, then installs the Visual C++ runtime that the extension needs.
#
# For:     ExtensionVCRedistInstallationFailure, ExtensionInstallationFailure.
# Does:    lets a disabled Windows Installer start on demand (Start = 3), registers it anew if it does not start or the
#          installation fails, and runs the signed vcredist2013_x64.exe of the newest backup extension, quietly: it
#          installs the runtime, or repairs it. Tells Error 1401 of the event log, and who may write
#          HKLM\SOFTWARE\Classes, which that error is about.
# Never:   runs a file without Microsoft's signature, acts while another installation runs, changes the permissions of
#          the registry, restarts Windows (after.restart_needed says if one is wanted).
# Undo:    undo.txt in the folder that the answer names disables the service again; the runtime can be
#          uninstalled as any program.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot
$scriptName = 'windows-installer'

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

$service = 'SYSTEM\CurrentControlSet\Services\msiserver'
$restart = $false

# Whether either half of the registry shows Visual C++ 2013 as installed.
function Test-Runtime {
    foreach ($half in 'SOFTWARE', 'SOFTWARE\Wow6432Node') {
        if ((Get-Registry "$half\Microsoft\VisualStudio\12.0\VC\Runtimes\x64" 'Installed') -eq 1) { return $true }
    }
    return $false
}

# How often Windows Installer could not make a key (Error 1401, event 11401). $null if the log cannot be read.
function Get-Refused {
    try {
        return Get-Events @{ LogName = 'Application'; ProviderName = 'MsiInstaller' } {
            $_.Id -eq 11401 -or "$($_.Message)" -match 'Error 1401'
        }
    } catch {
        return $null
    }
}

# Whether SYSTEM and Administrators have full control of HKLM\SOFTWARE\Classes, and whom a rule denies something.
function Get-Rights {
    $full = [int][System.Security.AccessControl.RegistryRights]::FullControl
    $granted = @{ 'S-1-5-18' = 0; 'S-1-5-32-544' = 0 }
    $denied = New-Object System.Collections.ArrayList
    try {
        $rules = (Get-Acl -Path 'HKLM:\SOFTWARE\Classes').GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])
    } catch {
        return @{ system = $null; administrators = $null; denied = $null }
    }
    foreach ($rule in $rules) {
        $sid = $rule.IdentityReference.Value
        if ("$($rule.AccessControlType)" -eq 'Deny') {
            [void]$denied.Add($sid)
        } elseif ($granted.ContainsKey($sid) -and "$($rule.PropagationFlags)" -notmatch 'InheritOnly') {
            $granted[$sid] = $granted[$sid] -bor [int]$rule.RegistryRights
        }
    }
    return @{
        system = ($granted['S-1-5-18'] -band $full) -eq $full; administrators = ($granted['S-1-5-32-544'] -band $full) -eq $full
        denied = [string[]]@($denied | Select-Object -First 5)
    }
}

function Get-Facts {
    return @{
        msiserver = (Get-State 'msiserver'); start = (Get-Registry $service 'Start'); runtime = (Test-Runtime)
        error_1401 = (Get-Refused); classes = (Get-Rights); restart_needed = $restart
    }
}

# Whether no other installation runs, or ends within five minutes.
function Test-Free {
    for ($look = 1; $true; $look++) {
        $busy = $null
        if (-not [System.Threading.Mutex]::TryOpenExisting('Global\_MSIExecute', [ref]$busy)) { return $true }
        $busy.Dispose()
        if ($look -ge 11) { return $false }
        Start-Sleep -Seconds 30
    }
}

# Registers Windows Installer anew. Windows has known the second command by two words: a word that it does not know
# opens a window that nobody sees, and is ended.
function Register-Installer {
    try {
        [void](Invoke-Tool "$system\msiexec.exe" '/unregister' 120)
    } finally {
        Add-Change 'Windows Installer registered anew'
        try {
            [void](Invoke-Tool "$system\msiexec.exe" '/register' 60)
        } finally {
            [void](Invoke-Tool "$system\msiexec.exe" '/regserver' 60)
        }
    }
}

# What counts is whether Windows Installer works then, not what the commands said.
function Register-Again {
    try {
        Register-Installer
    } catch {
        Add-Change 'msiexec reported an error while it was registered'
    }
}

# The signed setup of the runtime, of the newest backup extension. If there is none, the script ends.
function Get-Setup {
    $plugin = [System.IO.Path]::GetPathRoot($system) + 'Packages\Plugins\Microsoft.Azure.RecoveryServices.VMSnapshot'
    $newest = $null
    if ([System.IO.Directory]::Exists($plugin)) {
        $newest = Get-ChildItem -LiteralPath $plugin -Directory | Where-Object { $_.Name -match '^\d+(\.\d+){1,3}$' } |
            Sort-Object -Property { [version]$_.Name } | Select-Object -Last 1
    }
    if ($null -eq $newest) { throw 'The backup extension has no folder here: its next installation brings the runtime.' }
    $setup = Join-Path $newest.FullName 'vcredist2013_x64.exe'
    if (-not [System.IO.File]::Exists($setup)) { throw 'The backup extension brought no vcredist2013_x64.exe.' }
    $signature = Get-AuthenticodeSignature -LiteralPath $setup
    if ("$($signature.Status)" -ne 'Valid' -or $signature.SignerCertificate.Subject -notmatch '(^|, )O=Microsoft Corporation(,|$)') {
        throw 'vcredist2013_x64.exe does not have a valid signature of Microsoft; it was not run.'
    }
    return $setup
}

$before = Get-Facts
$after = $before
if ($null -eq $before.msiserver) { Write-Result 'There is no Windows Installer service; nothing was changed.' }
if (-not (Test-Free)) { Write-Result 'Another installation runs, for minutes already; nothing was changed.' }
if ($before.msiserver.start -eq 'Disabled' -or $before.start -eq 4) {
    # Windows may refuse the first way, and notice the second one only after a restart.
    try {
        Enable-Demand 'msiserver'
    } catch {
        Add-Change 'Windows refused to enable its installer by the usual way'
    }
    Set-Registry $service 'Start' ([int]3) 'DWord'
    if ((Get-State 'msiserver').start -eq 'Disabled') {
        $restart = $true
        $next = 'restart'
        $after = Get-Facts
        Write-Result 'Windows Installer may start again (Start = 3), but only after a restart of Windows.'
    }
}
$anew = $false
try {
    Start-Wanted 'msiserver'
} catch {
    $anew = $true
    Register-Again
    Start-Wanted 'msiserver'
}
$setup = Get-Setup
$verb = '/install'
if (Test-Runtime) { $verb = '/repair' }
# 1638: a newer version is installed. 3010: installed, but Windows needs a restart.
$fine = 0, 1638, 3010
$installed = Invoke-Tool $setup "$verb /quiet /norestart" 1800 -NeverKill
if ($fine -notcontains $installed.Code -and -not $anew) {
    Register-Again
    $installed = Invoke-Tool $setup "$verb /quiet /norestart" 1800 -NeverKill
}
if ($installed.Code -eq 3010) { $restart = $true; $next = 'restart' }
if ($fine -contains $installed.Code) { Add-Change "Visual C++ 2013 runtime: $verb" }
$after = Get-Facts
if ($fine -contains $installed.Code) { Write-Result '' }
$hint = ''
if ($after.error_1401) { $hint = ' Error 1401 was logged: see who may write HKLM\SOFTWARE\Classes (after.classes).' }
Write-Result "vcredist2013_x64.exe ended with code $($installed.Code).$hint"
