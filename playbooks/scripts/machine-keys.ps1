# machine-keys: sets the permissions of the MachineKeys folder right and removes the agent's stale certificates.
#
# For:     ExtensionConfigParsingFailure.
# Does:    grants Everyone (R,W) and Administrators (F) on the folder itself, if they lack it; removes the
#          certificates of "Windows Azure CRP Certificate Generator" from LocalMachine\My. The agent makes new ones.
#          Tells the other entries of the folder and the certificates of the classic deployment model.
# Never:   touches a key in the folder or its permissions, removes a permission, removes another certificate, deletes
#          a certificate's private key. Rules that deny, and what it only tells, are for a person to remove.
# Undo:    undo.txt in the folder that the answer names: permissions by icacls /restore, certificates (their public
#          part, joined again with the private key that stayed) by certutil.
# Source:  https://learn.microsoft.com/azure/backup/backup-azure-vms-troubleshoot
$scriptName = 'machine-keys'

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

$crypto = Join-Path ([Environment]::GetFolderPath('CommonApplicationData')) 'Microsoft\Crypto\RSA'
$folder = "$crypto\MachineKeys"

# Whether the folder grants all of these rights to a SID.
function Test-Grant([string]$Sid, [System.Security.AccessControl.FileSystemRights]$Rights) {
    $granted = 0
    $rules = (Get-Acl -LiteralPath $folder).GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])
    foreach ($rule in $rules) {
        $inside = $rule.PropagationFlags -band [System.Security.AccessControl.PropagationFlags]::InheritOnly
        if ($rule.IdentityReference.Value -eq $Sid -and "$($rule.AccessControlType)" -eq 'Allow' -and -not $inside) {
            $granted = $granted -bor [int]$rule.FileSystemRights
        }
    }
    return ($granted -band [int]$Rights) -eq [int]$Rights
}

# The SIDs of the entries of one kind, Allow or Deny.
function Get-Entries([string]$Kind) {
    $rules = (Get-Acl -LiteralPath $folder).GetAccessRules($true, $true, [System.Security.Principal.SecurityIdentifier])
    return [string[]]@($rules | Where-Object { "$($_.AccessControlType)" -eq $Kind } |
            ForEach-Object { $_.IdentityReference.Value } | Sort-Object -Unique)
}

function Get-Stale($Store) {
    $issued = '(^|, )(CN|DC)=Windows Azure CRP Certificate Generator(,|$)'
    return @($Store.Certificates | Where-Object { $_.Subject -match $issued })
}

# The certificates of the classic deployment model. They are only told.
function Get-Classic($Store) {
    $issued = '(^|, )(CN|DC)=(Windows Azure Service Management for|.*classic deployment model)'
    return @($Store.Certificates | Where-Object { $_.Subject -match $issued })
}

function Get-Facts {
    $expected = 'S-1-1-0', 'S-1-5-32-544'
    $others = @(Get-Entries 'Allow' | Where-Object { $expected -notcontains $_ })
    $classic = @(Get-Classic $store | ForEach-Object { "$(Limit-Text $_.Subject) ($($_.Thumbprint))" })
    return @{
        everyone = (Test-Grant 'S-1-1-0' 'Read, Write'); administrators = (Test-Grant 'S-1-5-32-544' 'FullControl')
        denied = [string[]]@(Get-Entries 'Deny' | Select-Object -First 5); others = [string[]]@($others | Select-Object -First 8)
        certificates = @(Get-Stale $store).Count; classic = [string[]]@($classic | Select-Object -First 4)
    }
}

if (-not [System.IO.Directory]::Exists($folder)) { Write-Result "There is no $folder; nothing was changed." }
$store = New-Object System.Security.Cryptography.X509Certificates.X509Store 'My', 'LocalMachine'
$store.Open([System.Security.Cryptography.X509Certificates.OpenFlags]::ReadWrite)
$before = Get-Facts

if (-not ($before.everyone -and $before.administrators)) {
    Open-Undo
    $saved = Invoke-Tool "$system\icacls.exe" "`"$folder`" /save `"$undo\MachineKeys.acl`"" 60
    if ($saved.Code -ne 0) { throw 'The permissions of MachineKeys could not be saved; nothing was changed.' }
    Add-Undo "icacls `"$crypto`" /restore `"$undo\MachineKeys.acl`""
    $granted = Invoke-Tool "$system\icacls.exe" "`"$folder`" /grant *S-1-1-0:(R,W) *S-1-5-32-544:(F)" 60 -NeverKill
    if ($granted.Code -ne 0) { throw 'The permissions of MachineKeys could not be changed.' }
    Add-Change 'MachineKeys: Everyone (R,W), Administrators (F)'
}
foreach ($certificate in @(Get-Stale $store)) {
    $thumbprint = $certificate.Thumbprint
    Open-Undo
    $public = $certificate.Export([System.Security.Cryptography.X509Certificates.X509ContentType]::Cert)
    [System.IO.File]::WriteAllBytes("$undo\$thumbprint.cer", $public)
    Add-Undo "certutil -addstore My `"$undo\$thumbprint.cer`""
    Add-Undo "certutil -repairstore My $thumbprint"
    $store.Remove($certificate)
    Add-Change "certificate $thumbprint removed"
}
$after = Get-Facts
$store.Close()
if (@($after.denied).Count -gt 0) { Write-Result 'A rule denies access to MachineKeys (after.denied); it was not removed.' }
Write-Result ''
