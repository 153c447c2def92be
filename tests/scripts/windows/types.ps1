# The types of .NET that the scripts use and that would reach the real machine. In the copy of a script, the names of
# these take their place (see play.ps1).

function global:Get-KeyName([string]$Path) {
    return ($Path -replace '^HKEY_LOCAL_MACHINE\\', 'HKLM\') -replace '^HKEY_USERS\\', 'HKU\'
}

class GuestKey {
    [string] $Path

    GuestKey([string]$Path) { $this.Path = $Path }

    [object] GetValue([string]$Name) { return $this.GetValue($Name, $null) }

    [object] GetValue([string]$Name, [object]$Default, [object]$Options) { return $this.GetValue($Name, $Default) }

    [object] GetValue([string]$Name, [object]$Default) {
        $values = $global:Machine['registry'][$this.Path]
        if ($null -eq $values -or -not $values.ContainsKey($Name)) { return $Default }
        $value = $values[$Name]
        if ($value -is [System.Collections.ArrayList]) { return [byte[]]$value.ToArray() }
        return $value
    }

    [string[]] GetSubKeyNames() {
        $names = @{}
        $length = $this.Path.Length + 1
        foreach ($key in @($global:Machine['registry'].Keys)) {
            if ($key -like ($this.Path + '\*')) { $names[$key.Substring($length).Split('\')[0]] = $true }
        }
        return [string[]]@($names.Keys)
    }

    [void] DeleteSubKeyTree([string]$Name) {
        [void](Add-Call "delete $($this.Path)\$Name")
        foreach ($key in @($global:Machine['registry'].Keys)) {
            if ($key -eq "$($this.Path)\$Name" -or $key -like "$($this.Path)\$Name\*") { $global:Machine['registry'].Remove($key) }
        }
    }

    [void] Close() { }
}

class GuestHive {
    [string] $Root

    GuestHive([string]$Root) { $this.Root = $Root }

    [object] OpenSubKey([string]$Key, [bool]$Writable) { return $this.OpenSubKey($Key) }

    [object] OpenSubKey([string]$Key) {
        $path = "$($this.Root)\$Key"
        foreach ($each in @($global:Machine['registry'].Keys)) {
            if ($each -eq $path -or $each -like "$path\*") { return [GuestKey]::new($path) }
        }
        return $null
    }
}

class GuestRegistry {
    static [object] $LocalMachine = [GuestHive]::new('HKLM')
    static [object] $Users = [GuestHive]::new('HKU')

    static [object] GetValue([string]$Path, [string]$Name, [object]$Default) {
        return [GuestKey]::new((Get-KeyName $Path)).GetValue($Name, $Default)
    }

    static [void] SetValue([string]$Path, [string]$Name, [object]$Value, [object]$Kind) {
        $key = Get-KeyName $Path
        [void](Add-Call "set $key $Name $Value")
        if (-not $global:Machine['registry'].ContainsKey($key)) { $global:Machine['registry'][$key] = @{} }
        $global:Machine['registry'][$key][$Name] = $Value
    }
}

class GuestDirectory {
    static [bool] Exists([string]$Path) {
        if ($global:Machine['folders'].ContainsKey($Path)) { return $true }
        return @(@($global:Machine['folders'].Keys) + @($global:Machine['files'].Keys) | Where-Object { $_ -like "$Path\*" }).Count -gt 0
    }

    static [object] CreateDirectory([string]$Path, [object]$Security) {
        $global:Machine['folders'][$Path] = $true
        return $null
    }

    static [void] Move([string]$From, [string]$To) {
        [void](Add-Call "move $From $To")
        foreach ($kind in 'folders', 'files') {
            foreach ($each in @($global:Machine[$kind].Keys)) {
                if ($each -ne $From -and $each -notlike "$From\*") { continue }
                $global:Machine[$kind][$To + $each.Substring($From.Length)] = $global:Machine[$kind][$each]
                $global:Machine[$kind].Remove($each)
            }
        }
    }
}

# A program or module, of which only the header counts: 64 or 32 bits.
class GuestStream {
    [int] $Bits

    GuestStream([int]$Bits) { $this.Bits = $Bits }

    [int] Read([byte[]]$Bytes, [int]$Offset, [int]$Number) {
        $Bytes[60] = 128
        $Bytes[128] = 0x50
        $Bytes[129] = 0x45
        if ($this.Bits -eq 64) {
            $Bytes[132] = 0x64
            $Bytes[133] = 0x86
        } else {
            $Bytes[132] = 0x4C
            $Bytes[133] = 0x01
        }
        return $Number
    }

    [void] Close() { }
}

class GuestFile {
    static [bool] Exists([string]$Path) { return $global:Machine['files'].ContainsKey($Path) }

    static [System.IO.FileAttributes] GetAttributes([string]$Path) { return [System.IO.FileAttributes]::Directory }

    static [void] AppendAllText([string]$Path, [string]$Text) { $global:Machine['files'][$Path] = "$($global:Machine['files'][$Path])$Text" }

    # What a task reads, it runs: its types are played too.
    static [string] ReadAllText([string]$Path) { return ConvertTo-Played $global:Machine['files'][$Path] }

    static [void] WriteAllText([string]$Path, [string]$Text) { $global:Machine['files'][$Path] = $Text }

    static [void] WriteAllBytes([string]$Path, [object]$Bytes) { $global:Machine['files'][$Path] = [System.Text.Encoding]::ASCII.GetString($Bytes) }

    static [void] Copy([string]$From, [string]$To) { $global:Machine['files'][$To] = $global:Machine['files'][$From] }

    static [object] OpenRead([string]$Path) {
        $bits = $global:Machine['bits'][$Path]
        if ($null -eq $bits) { throw "Could not find file '$Path'." }
        return [GuestStream]::new($bits)
    }
}

class GuestPath {
    static [string] GetPathRoot([string]$Path) { return $Path.Substring(0, 3) }
}

class GuestEnvironment {
    static [string] $SystemDirectory = 'C:\Windows\system32'
    static [bool] $Is64BitOperatingSystem = $true
    static [bool] $Is64BitProcess = $true

    static [string] GetFolderPath([string]$Folder) { return 'C:\ProgramData' }
}

# What a program printed, once it is there.
class GuestOutput {
    [string] $Result

    GuestOutput([string]$Text) { $this.Result = $Text }

    [object] ReadToEndAsync() { return $this }

    [bool] Wait([int]$Milliseconds) { return $true }

    [void] Close() { }
}

class GuestProcess {
    [object] $StandardInput = [GuestOutput]::new('')
    [object] $StandardOutput
    [object] $StandardError = [GuestOutput]::new('')
    [int] $ExitCode

    static [object] Start([object]$Wanted) {
        $ended = Invoke-Program $Wanted.FileName $Wanted.Arguments
        $process = [GuestProcess]::new()
        $process.StandardOutput = [GuestOutput]::new($ended['Text'])
        $process.ExitCode = $ended['Code']
        return $process
    }

    # A program that does not end in time has the code -1 in a case.
    [bool] WaitForExit([int]$Milliseconds) { return $this.ExitCode -ne -1 }

    [void] Kill() { [void](Add-Call 'kill') }
}

class GuestMutex {
    static [bool] TryOpenExisting([string]$Name, [ref]$Found) {
        if ($global:Machine['installing'] -le 0) { return $false }
        $global:Machine['installing'] = $global:Machine['installing'] - 1
        $Found.Value = [GuestMutex]::new()
        return $true
    }

    [void] Dispose() { }
}

class GuestRights {
    static [int] $FullControl = 983103
}

class GuestHandle {
    [bool] WaitOne([int]$Milliseconds) { return $true }
}

class GuestClient {
    [bool] $Connected = $false

    [object] BeginConnect([string]$Machine, [int]$Port, [object]$Callback, [object]$State) {
        $this.Connected = @($global:Machine['ports']) -contains "${Machine}:$Port"
        return [pscustomobject]@{ AsyncWaitHandle = [GuestHandle]::new() }
    }

    [void] Close() { }
}

class GuestSecurity {
    [void] SetSecurityDescriptorSddlForm([string]$Sddl) { }
}

class GuestAccount {
    [string] $Name

    GuestAccount([string]$Name) { $this.Name = $Name }

    [object] Translate([object]$Type) {
        $sid = $global:Machine['accounts'][$this.Name]
        if ($null -eq $sid) { throw 'Some or all identity references could not be translated.' }
        return [pscustomobject]@{ Value = $sid }
    }
}

class GuestCertificate {
    [string] $Subject
    [string] $Thumbprint

    GuestCertificate([object]$Known) {
        $this.Subject = $Known['subject']
        $this.Thumbprint = $Known['thumbprint']
    }

    [byte[]] Export([object]$Type) { return [System.Text.Encoding]::ASCII.GetBytes($this.Subject) }
}

class GuestStore {
    [object[]] $Certificates = @()

    [void] Open([object]$Flags) {
        $this.Certificates = @(foreach ($each in $global:Machine['certificates']) { [GuestCertificate]::new($each) })
    }

    [void] Remove([object]$Certificate) {
        [void](Add-Call "remove $($Certificate.Thumbprint)")
        foreach ($each in @($global:Machine['certificates'])) {
            if ($each['thumbprint'] -eq $Certificate.Thumbprint) { $global:Machine['certificates'].Remove($each) }
        }
        $this.Open($null)
    }

    [void] Close() { }
}

# Makes a pretended object, or a real one of a type that does not reach the machine.
function global:New-Object {
    [CmdletBinding()]
    param([Parameter(Position = 0)][string]$TypeName, [Parameter(Position = 1)][object[]]$ArgumentList)
    switch ($TypeName) {
        'System.Net.Sockets.TcpClient' { return [GuestClient]::new() }
        'System.Security.AccessControl.DirectorySecurity' { return [GuestSecurity]::new() }
        'System.Security.Cryptography.X509Certificates.X509Store' { return [GuestStore]::new() }
        'System.Security.Principal.NTAccount' { return [GuestAccount]::new("$($ArgumentList[0])") }
    }
    # The comma keeps an empty list from being taken apart.
    if ($PSBoundParameters.ContainsKey('ArgumentList')) {
        return , (Microsoft.PowerShell.Utility\New-Object -TypeName $TypeName -ArgumentList $ArgumentList)
    }
    return , (Microsoft.PowerShell.Utility\New-Object -TypeName $TypeName)
}
