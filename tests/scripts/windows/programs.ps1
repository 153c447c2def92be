# The programs of the pretended Windows, as far as the scripts and their undo commands use them.

# The words of a command line, without their quotation marks.
function global:Split-Words([string]$Line) {
    $words = @(foreach ($found in [regex]::Matches($Line, '"([^"]*)"|(\S+)')) { $found.Groups[1].Value + $found.Groups[2].Value })
    return , [string[]]$words
}

# Runs a program: its exit code and output. A fault of the case may set the code; then the program does nothing.
function global:Invoke-Program([string]$File, [string]$Arguments) {
    $name = ($File -split '\\')[-1].ToLowerInvariant()
    $code = Add-Call "$name $Arguments"
    if ($null -ne $code) { return @{ Code = $code; Text = '' } }
    $words = Split-Words $Arguments
    $text = ''
    switch ($name) {
        'vssadmin.exe' { return Invoke-Vssadmin $words }
        'reg.exe' { return Invoke-Reg $words }
        'icacls.exe' { return Invoke-Icacls $words }
        'msdtc.exe' { Invoke-Msdtc $words }
        'msiexec.exe' { if ($words[0] -eq '/regserver') { $global:Machine['services']['msiserver']['broken'] = $false } }
        'bitsadmin.exe' { Invoke-Bitsadmin }
        'vcredist2013_x64.exe' { Install-Runtime }
        'sc.exe' { Invoke-Sc $words }
        'certutil.exe' { Invoke-Certutil $words }
        'net.exe' { if ($words[0] -eq 'stop') { Stop-Service -Name $words[1] } else { Start-Service -Name $words[1] } }
        'move.exe' { [GuestDirectory]::Move($words[0], $words[1]) }
        default { throw "There is no program $name." }
    }
    return @{ Code = 0; Text = $text }
}

# A writer's states are those of one look after the other; the last one stays.
function global:Invoke-Vssadmin([string[]]$Words) {
    if ($Words[1] -eq 'providers') {
        $answers = $global:Machine['providers_answer']
        $code = $answers[0]
        if ($answers.Count -gt 1) { $answers.RemoveAt(0) }
        # A stopped VSS is started by the question.
        if ($code -eq 0 -and $global:Machine['services']['VSS']['status'] -eq 'Stopped') { $global:Machine['services']['VSS']['status'] = 'Running' }
        return @{ Code = $code; Text = '' }
    }
    $text = "vssadmin 1.1 - Volume Shadow Copy Service administrative command-line tool`r`n(C) Copyright 2001-2013 Microsoft Corp.`r`n`r`n"
    foreach ($writer in $global:Machine['writers']) {
        $states = $writer['states']
        $state = $states[0]
        if ($states.Count -gt 1) { $states.RemoveAt(0) }
        $text = $text + "Writer name: '$($writer['name'])'`r`n   Writer Id: {$($writer['id'])}`r`n" +
            "   Writer Instance Id: {00000000-0000-0000-0000-000000000001}`r`n   State: [$state] As it is`r`n   Last error: No error`r`n`r`n"
    }
    return @{ Code = 0; Text = $text }
}

# An exported file holds the keys as they were, below each other.
function global:Invoke-Reg([string[]]$Words) {
    $registry = $global:Machine['registry']
    if ($Words[0] -eq 'export') {
        $kept = @{}
        foreach ($key in @($registry.Keys)) {
            if ($key -eq $Words[1] -or $key -like "$($Words[1])\*") { $kept[$key] = $registry[$key].Clone() }
        }
        if ($kept.Count -eq 0) { return @{ Code = 1; Text = 'ERROR: The system was unable to find the specified registry key.' } }
        $global:Machine['files'][$Words[2]] = $kept
    } elseif ($Words[0] -eq 'import') {
        $kept = $global:Machine['files'][$Words[1]]
        foreach ($key in @($kept.Keys)) {
            if (-not $registry.ContainsKey($key)) { $registry[$key] = @{} }
            foreach ($value in @($kept[$key].Keys)) { $registry[$key][$value] = $kept[$key][$value] }
        }
    } elseif ($Words[0] -eq 'delete' -and $Words[2] -eq '/v') {
        $registry[$Words[1]].Remove($Words[3])
        if ($registry[$Words[1]].Count -eq 0) { $registry.Remove($Words[1]) }
    } else {
        throw "There is no reg $($Words[0])."
    }
    return @{ Code = 0; Text = '' }
}

function global:Invoke-Icacls([string[]]$Words) {
    $acls = $global:Machine['acls']
    if ($Words[1] -eq '/save') {
        $global:Machine['files'][$Words[2]] = @($acls[$Words[0]])
    } elseif ($Words[1] -eq '/grant') {
        foreach ($grant in $Words[2..($Words.Count - 1)]) {
            $found = [regex]::Match($grant, '^\*(S-[0-9-]+):\((.*)\)$')
            $rights = 2032127
            if ($found.Groups[2].Value -eq 'R,W') { $rights = 1180063 }
            [void]$acls[$Words[0]].Add(@{ sid = $found.Groups[1].Value; type = 'Allow'; rights = $rights })
        }
    } elseif ($Words[1] -eq '/restore') {
        $acls["$($Words[0])\MachineKeys"] = [System.Collections.ArrayList]@($global:Machine['files'][$Words[2]])
    } else {
        throw "There is no icacls $($Words[1])."
    }
    return @{ Code = 0; Text = '' }
}

# A new installation has the settings of a new installation.
function global:Invoke-Msdtc([string[]]$Words) {
    $services = $global:Machine['services']
    $settings = 'HKLM\SOFTWARE\Microsoft\MSDTC'
    if ($Words[0] -eq '-uninstall') {
        $services.Remove('MSDTC')
        $global:Machine['registry'].Remove($settings)
    } else {
        $services['MSDTC'] = @{ status = 'Stopped'; start = 'Auto'; account = 'NT AUTHORITY\NetworkService'; broken = $false }
        $global:Machine['registry'][$settings] = @{ NetworkDtcAccess = 0 }
    }
}

function global:Invoke-Bitsadmin {
    $key = 'HKU\S-1-5-18\Software\Microsoft\Windows\CurrentVersion\Internet Settings\Connections'
    if (-not $global:Machine['registry'].ContainsKey($key)) { $global:Machine['registry'][$key] = @{} }
    $global:Machine['registry'][$key]['DefaultConnectionSettings'] = [System.Collections.ArrayList]@(70, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0)
}

function global:Install-Runtime {
    $global:Machine['registry']['HKLM\SOFTWARE\Microsoft\VisualStudio\12.0\VC\Runtimes\x64'] = @{ Installed = 1 }
}

function global:Invoke-Sc([string[]]$Words) {
    $service = Find-Service $Words[1]
    $modes = @{ disabled = 'Disabled'; demand = 'Manual'; auto = 'Auto' }
    switch ($Words[2]) {
        'start=' { Set-StartMode $Words[1] $modes[$Words[3]] }
        'obj=' { $service['account'] = $Words[3] }
        default { throw "There is no sc config $($Words[2])." }
    }
}

# The public part comes back from its file, whose name is the thumbprint.
function global:Invoke-Certutil([string[]]$Words) {
    if ($Words[0] -ne '-addstore') { return }
    $file = $Words[2]
    $thumbprint = ($file -split '\\')[-1] -replace '\.cer$', ''
    [void]$global:Machine['certificates'].Add(@{ subject = $global:Machine['files'][$file]; thumbprint = $thumbprint })
}
