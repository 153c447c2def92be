# A pretended Windows, for one script. What the scripts ask of Windows is answered from $global:Machine, which a case
# describes, and changes it. Every call that changes something is kept in $global:Calls. Scripts run under strict mode 2,
# and so does this: a key of a hashtable is read by its index, never as a property.

# Plain data from JSON. The hashtables do not mind the case of a key, as Windows does not.
function global:ConvertTo-Plain($Value) {
    if ($Value -is [System.Collections.IDictionary]) {
        $plain = @{}
        foreach ($key in @($Value.Keys)) { $plain[$key] = ConvertTo-Plain $Value[$key] }
        return $plain
    }
    if ($Value -is [System.Collections.IList]) {
        $list = [System.Collections.ArrayList]::new()
        foreach ($each in $Value) { [void]$list.Add((ConvertTo-Plain $each)) }
        return , $list
    }
    # Numbers of JSON are long; a number in the registry, and most of CIM, is not.
    if ($Value -is [long] -and $Value -ge -2147483648 -and $Value -le 2147483647) { return [int]$Value }
    return $Value
}

# Keeps a call. A fault of the case throws in it, or gives the exit code of a program; else the result is $null.
function global:Add-Call([string]$Call) {
    [void]$global:Calls.Add($Call)
    foreach ($fault in $global:Machine['faults']) {
        if ($Call -notlike $fault['call'] -or $fault['times'] -le 0) { continue }
        $fault['times'] = $fault['times'] - 1
        if ($null -ne $fault['says']) { throw $fault['says'] }
        return $fault['code']
    }
    return $null
}

# --- Services ---

class GuestService {
    [string] $Name
    [string] $Status

    GuestService([string]$Name) {
        $this.Name = $Name
        $this.Status = $global:Machine['services'][$Name]['status']
    }

    [void] WaitForStatus([object]$Wanted, [object]$Time) {
        [void](Add-Call "wait $($this.Name) $Wanted")
        $service = $global:Machine['services'][$this.Name]
        if ($null -eq $service -or $service['status'] -ne "$Wanted") {
            throw 'Time out has expired and the operation has not been completed.'
        }
    }
}

function global:Find-Service([string]$Name) {
    if (-not $global:Machine['services'].ContainsKey($Name)) { throw "Cannot find any service with service name '$Name'." }
    return $global:Machine['services'][$Name]
}

# Windows keeps the start mode in the registry too.
function global:Set-StartMode([string]$Name, [string]$Mode) {
    (Find-Service $Name)['start'] = $Mode
    $key = $global:Machine['registry']["HKLM\SYSTEM\CurrentControlSet\Services\$Name"]
    if ($null -ne $key) { $key['Start'] = @{ Auto = 2; Manual = 3; Disabled = 4 }[$Mode] }
}

function global:Get-Service {
    [CmdletBinding()]
    param([string]$Name, [switch]$DependentServices)
    if (-not $Name) { return @($global:Machine['services'].Keys | ForEach-Object { [GuestService]::new($_) }) }
    $service = Find-Service $Name
    if (-not $DependentServices) { return [GuestService]::new($Name) }
    return @($service['dependents'] | Where-Object { $_ } | ForEach-Object { [GuestService]::new($_) })
}

function global:Start-Service {
    [CmdletBinding()]
    param([string]$Name)
    try {
        [void](Add-Call "start $Name")
        $service = Find-Service $Name
        if ($service['start'] -eq 'Disabled' -or $service['broken']) { throw "Failed to start service '$Name'." }
        $service['status'] = 'Running'
    } catch {
        if ("$ErrorActionPreference" -ne 'SilentlyContinue') { throw }
    }
}

# A restart brings a writer of the service to a stable state, if the case says so.
function global:Stop-Service {
    [CmdletBinding()]
    param([string]$Name, [switch]$Force)
    [void](Add-Call "stop $Name")
    $service = Find-Service $Name
    $service['status'] = 'Stopped'
    foreach ($writer in $global:Machine['writers']) {
        if ($writer['service'] -eq $Name -and $writer['heals']) { $writer['states'] = [System.Collections.ArrayList]@(1) }
    }
}

function global:Restart-Service {
    [CmdletBinding()]
    param([string]$Name, [switch]$Force)
    Stop-Service -Name $Name
    Start-Service -Name $Name
}

function global:Set-Service {
    [CmdletBinding()]
    param([string]$Name, [string]$StartupType)
    [void](Add-Call "set $Name $StartupType")
    Set-StartMode $Name ($StartupType -replace '^Automatic$', 'Auto')
}

# --- CIM ---

function global:Get-CimInstance {
    [CmdletBinding()]
    param([string]$ClassName, [string]$Namespace, [string]$Filter, [int]$OperationTimeoutSec)
    $wanted = [regex]::Match($Filter, "^Name='(.*)'$")
    if ($ClassName -eq 'Win32_Service') {
        $name = $wanted.Groups[1].Value
        if (-not $global:Machine['services'].ContainsKey($name)) { return }
        $service = $global:Machine['services'][$name]
        return [pscustomobject]@{
            Name = $name; State = $service['status']; StartMode = $service['start']; StartName = $service['account']
        }
    }
    $all = $global:Machine['cim'][$ClassName]
    if ($all -is [string]) { throw $all }
    foreach ($each in @($all)) {
        if ($null -eq $each) { continue }
        if ($wanted.Success -and $each['Name'] -ne $wanted.Groups[1].Value) { continue }
        [pscustomobject]$each
    }
}

function global:Invoke-CimMethod {
    [CmdletBinding()]
    param([object]$InputObject, [string]$MethodName, [hashtable]$Arguments)
    $code = Add-Call "change $($InputObject.Name) $($Arguments['StartName'])"
    if ($null -eq $code) { $code = 0 }
    if ($code -eq 0) { $global:Machine['services'][$InputObject.Name]['account'] = $Arguments['StartName'] }
    return [pscustomobject]@{ ReturnValue = $code }
}

# --- Event logs ---

function global:Get-WinEvent {
    [CmdletBinding()]
    param([hashtable]$FilterHashtable, [int]$MaxEvents)
    $found = @(
        foreach ($logged in $global:Machine['events']) {
            if (@($FilterHashtable['LogName']) -notcontains $logged['log']) { continue }
            if ($FilterHashtable.ContainsKey('ProviderName') -and @($FilterHashtable['ProviderName']) -notcontains $logged['provider']) { continue }
            if ($FilterHashtable.ContainsKey('Id') -and @($FilterHashtable['Id']) -notcontains $logged['id']) { continue }
            if ($FilterHashtable.ContainsKey('Level') -and @($FilterHashtable['Level']) -notcontains $logged['level']) { continue }
            $properties = @($logged['properties'] | Where-Object { $null -ne $_ } | ForEach-Object { [pscustomobject]@{ Value = $_ } })
            [pscustomobject]@{ Id = $logged['id']; Message = $logged['message']; Properties = $properties }
        }
    )
    if ($found.Count -eq 0) {
        throw [System.Management.Automation.ErrorRecord]::new([Exception]::new('No events were found.'), 'NoMatchingEventsFound', 'ObjectNotFound', $null)
    }
    return $found
}

# --- Scheduled tasks ---

function global:Get-ScheduledTask {
    [CmdletBinding()]
    param()
    foreach ($each in $global:Machine['tasks']) { [pscustomobject]@{ TaskName = $each['name'] } }
}

function global:New-ScheduledTaskAction {
    [CmdletBinding()]
    param([string]$Execute, [string]$Argument)
    return [pscustomobject]@{ Execute = $Execute; Argument = $Argument }
}

function global:New-ScheduledTaskTrigger {
    [CmdletBinding()]
    param([switch]$Once, [datetime]$At)
    return [pscustomobject]@{ At = $At; EndBoundary = '' }
}

function global:New-ScheduledTaskSettingsSet {
    [CmdletBinding()]
    param([switch]$StartWhenAvailable, [switch]$AllowStartIfOnBatteries, [switch]$DontStopIfGoingOnBatteries,
        [timespan]$ExecutionTimeLimit, [timespan]$DeleteExpiredTaskAfter)
    return [pscustomobject]@{ Expires = $DeleteExpiredTaskAfter; Limit = $ExecutionTimeLimit }
}

function global:New-ScheduledTaskPrincipal {
    [CmdletBinding()]
    param([string]$UserId, [string]$LogonType, [string]$RunLevel)
    return [pscustomobject]@{ UserId = $UserId }
}

function global:Register-ScheduledTask {
    [CmdletBinding()]
    param([string]$TaskName, [object]$Action, [object]$Trigger, [object]$Settings, [object]$Principal)
    [void](Add-Call "task $TaskName as $($Principal.UserId)")
    [void]$global:Machine['tasks'].Add(@{ name = $TaskName; argument = $Action.Argument })
    return [pscustomobject]@{ TaskName = $TaskName }
}

# --- Files and permissions ---

function global:Join-Path([string]$Path, [string]$ChildPath) { return $Path.TrimEnd('\') + '\' + $ChildPath }

function global:Get-ChildItem {
    [CmdletBinding()]
    param([string]$LiteralPath, [switch]$Directory)
    foreach ($folder in @($global:Machine['folders'].Keys | Sort-Object)) {
        if ($folder -notlike ($LiteralPath + '\*')) { continue }
        $name = $folder.Substring($LiteralPath.Length + 1)
        if ($name.Contains('\')) { continue }
        [pscustomobject]@{ Name = $name; FullName = $folder }
    }
}

function global:Get-AuthenticodeSignature {
    [CmdletBinding()]
    param([string]$LiteralPath)
    $signature = $global:Machine['signatures'][$LiteralPath]
    if ($null -eq $signature) { return [pscustomobject]@{ Status = 'NotSigned'; SignerCertificate = $null } }
    return [pscustomobject]@{ Status = $signature['status']; SignerCertificate = [pscustomobject]@{ Subject = $signature['subject'] } }
}

class GuestAcl {
    [string] $Path

    GuestAcl([string]$Path) { $this.Path = $Path }

    [object] GetOwner([object]$Type) {
        $owner = $global:Machine['owners'][$this.Path]
        if ($null -eq $owner) { $owner = 'S-1-5-18' }
        return [pscustomobject]@{ Value = $owner }
    }

    [object[]] GetAccessRules([bool]$Explicit, [bool]$Inherited, [object]$Type) {
        $rules = [System.Collections.ArrayList]::new()
        foreach ($each in $global:Machine['acls'][$this.Path]) {
            [void]$rules.Add([pscustomobject]@{
                    IdentityReference = [pscustomobject]@{ Value = $each['sid'] }; AccessControlType = $each['type']
                    FileSystemRights = $each['rights']; RegistryRights = $each['rights']
                    PropagationFlags = [System.Security.AccessControl.PropagationFlags]::None
                })
        }
        return $rules.ToArray()
    }
}

function global:Get-Acl {
    [CmdletBinding()]
    param([string]$LiteralPath, [string]$Path)
    return [GuestAcl]::new($LiteralPath + $Path)
}

function global:Start-Sleep {
    [CmdletBinding()]
    param([int]$Seconds)
    $global:Machine['slept'] = $global:Machine['slept'] + $Seconds
}

function global:Start-Process {
    [CmdletBinding()]
    param([string]$FilePath, [string]$ArgumentList, [switch]$Wait, [switch]$PassThru)
    return [pscustomobject]@{ ExitCode = (Invoke-Program $FilePath $ArgumentList)['Code'] }
}
