# system-proxy: lets what runs as LocalSystem, as the backup extension does, go to the network without a proxy.
#
# For:     ExtensionFailedTimeoutDelayInNetwork.
# Does:    runs bitsadmin /Util /SetIEProxy LOCALSYSTEM NO_PROXY, if LocalSystem uses a proxy or looks for one, and if
#          there is a way out without it: the Azure host (168.63.129.16, ports 80 and 32526) and Microsoft Entra
#          (port 443) answer. These must be reachable for a backup.
# Never:   changes another account's proxy; takes a proxy away from a machine that may need it.
# Undo:    undo.txt in the folder that the answer names brings the former setting back.
# Source:  https://learn.microsoft.com/windows-server/administration/windows-commands/bitsadmin-util-and-setieproxy
$scriptName = 'system-proxy'

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

$key = 'S-1-5-18\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections'
# Microsoft Entra in Azure's clouds: the public one, the US government's, China's.
$entra = 'login.microsoftonline.com', 'login.microsoftonline.us', 'login.partner.microsoftonline.cn'
$direct = $null

# How LocalSystem finds its proxy, in bits of the ninth byte: 2 (a proxy), 4 (a script), 8 (automatic search).
function Get-Facts {
    $facts = @{ set = $false; bits = $null; direct = $direct }
    $open = [Microsoft.Win32.Registry]::Users.OpenSubKey($key)
    if ($null -eq $open) { return $facts }
    try {
        $bytes = $open.GetValue('DefaultConnectionSettings')
    } finally {
        $open.Close()
    }
    if ($bytes -is [byte[]] -and $bytes.Length -ge 9) {
        $facts['set'] = $true
        $facts['bits'] = [int]($bytes[8] -band 14)
    }
    return $facts
}

# An error, as of a name that nobody knows, is no answer either.
function Test-Answer([string]$Machine, [int]$Port) {
    try {
        return Test-Port $Machine $Port
    } catch {
        return $false
    }
}

function Test-Direct {
    foreach ($port in 80, 32526) {
        if (-not (Test-Answer '168.63.129.16' $port)) { return $false }
    }
    foreach ($name in $entra) {
        if (Test-Answer $name 443) { return $true }
    }
    return $false
}

$before = Get-Facts
$after = $before
if ($before.set -and $before.bits -eq 0) { Write-Result '' }
$direct = Test-Direct
$before['direct'] = $direct
if (-not $direct) {
    Write-Result 'There is no way out without a proxy (168.63.129.16, Microsoft Entra): LocalSystem keeps its proxy.'
}
if ($before.set) {
    Open-Undo
    $saved = Invoke-Tool "$system\reg.exe" "export `"HKU\$key`" `"$undo\proxy.reg`" /y" 60 -NeverKill
    if ($saved.Code -ne 0) { throw 'The proxy settings could not be saved; nothing was changed.' }
    Add-Undo "reg import `"$undo\proxy.reg`""
} else {
    Add-Undo "reg delete `"HKU\$key`" /v DefaultConnectionSettings /f"
}
Add-Change 'LocalSystem uses no proxy'
[void](Invoke-Tool "$system\bitsadmin.exe" '/Util /SetIEProxy LOCALSYSTEM NO_PROXY' 60 -NeverKill)
$after = Get-Facts
if (-not ($after.set -and $after.bits -eq 0)) { Write-Result 'bitsadmin did not change the proxy of LocalSystem.' }
Write-Result ''
