# windows-installer: brings Windows Installer to work, then installs the Visual C++ runtime that the extension needs.
#
# For:     ExtensionVCRedistInstallationFailure, ExtensionInstallationFailure.
# Does:    lets a disabled Windows Installer start on demand, registers it anew if it does not start, and runs the
#          signed vcredist2013_x64.exe of the newest backup extension, quietly, if the runtime is not there.
# Never:   runs a file without Microsoft's signature, acts while another installation runs, restarts Windows
#          (after.restart_needed says if one is wanted).
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
            $saved = Invoke-Tool "$system\reg.exe" "export `"HKLM\$Key`" `"$file`" /y" 60
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

# Whether either half of the registry shows Visual C++ 2013 as installed.
function Test-Runtime {
    foreach ($half in 'SOFTWARE', 'SOFTWARE\Wow6432Node') {
        if ((Get-Registry "$half\Microsoft\VisualStudio\12.0\VC\Runtimes\x64" 'Installed') -eq 1) { return $true }
    }
    return $false
}

function Get-Both { return @{ msiserver = (Get-State 'msiserver'); runtime = (Test-Runtime); restart_needed = $false } }

$before = Get-Both
$after = $before
if ($null -eq $before.msiserver) { Write-Result 'There is no Windows Installer service; nothing was changed.' }
if ($before.runtime -and $before.msiserver.start -ne 'Disabled') { Write-Result '' }
$busy = $null
if ([System.Threading.Mutex]::TryOpenExisting('Global\_MSIExecute', [ref]$busy)) {
    $busy.Dispose()
    Write-Result 'Another installation runs; nothing was changed.'
}
Enable-Demand 'msiserver'
try {
    Start-Wanted 'msiserver'
} catch {
    [void](Invoke-Tool "$system\msiexec.exe" '/unregister' 120)
    [void](Invoke-Tool "$system\msiexec.exe" '/regserver' 120)
    Add-Change 'Windows Installer registered anew'
    Start-Wanted 'msiserver'
}
$restart = $false
if (-not (Test-Runtime)) {
    $plugin = [System.IO.Path]::GetPathRoot($system) + 'Packages\Plugins\Microsoft.Azure.RecoveryServices.VMSnapshot'
    $newest = $null
    if ([System.IO.Directory]::Exists($plugin)) {
        $newest = Get-ChildItem -LiteralPath $plugin -Directory | Where-Object { $_.Name -match '^\d+(\.\d+){1,3}$' } |
            Sort-Object -Property { [version]$_.Name } | Select-Object -Last 1
    }
    if ($null -eq $newest) { Write-Result 'The backup extension has no folder here: its next installation brings the runtime.' }
    $setup = Join-Path $newest.FullName 'vcredist2013_x64.exe'
    if (-not [System.IO.File]::Exists($setup)) { Write-Result 'The backup extension brought no vcredist2013_x64.exe.' }
    $signature = Get-AuthenticodeSignature -LiteralPath $setup
    if ("$($signature.Status)" -ne 'Valid' -or $signature.SignerCertificate.Subject -notmatch '(^|, )O=Microsoft Corporation(,|$)') {
        Write-Result 'vcredist2013_x64.exe does not have a valid signature of Microsoft; it was not run.'
    }
    $installed = Invoke-Tool $setup '/install /quiet /norestart' 1800
    # 1638: a newer version is installed. 3010: installed, but Windows needs a restart.
    if (@(0, 1638, 3010) -notcontains $installed.Code) { throw "vcredist2013_x64.exe ended with code $($installed.Code)." }
    $restart = $installed.Code -eq 3010
    Add-Change 'Visual C++ 2013 runtime installed'
}
$after = Get-Both
$after['restart_needed'] = $restart
Write-Result ''
