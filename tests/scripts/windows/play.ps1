# Plays one case: runs a copy of the script on the pretended Windows, then the task that it set up, then its undo
# commands, and writes what happened as JSON. The script's own line of JSON goes to the output, as it does in a VM.
param([string]$Script, [string]$Case, [string]$Report)

. ([System.IO.Path]::Combine($PSScriptRoot, 'guest.ps1'))
. ([System.IO.Path]::Combine($PSScriptRoot, 'types.ps1'))
. ([System.IO.Path]::Combine($PSScriptRoot, 'programs.ps1'))

# The types that reach the machine, and what plays them. A test compares the list with what the scripts use.
$global:Played = [ordered]@{
    'Environment' = 'GuestEnvironment'
    'Microsoft.Win32.Registry' = 'GuestRegistry'
    'System.Diagnostics.Process' = 'GuestProcess'
    'System.IO.Directory' = 'GuestDirectory'
    'System.IO.File' = 'GuestFile'
    'System.IO.Path' = 'GuestPath'
    'System.Security.AccessControl.RegistryRights' = 'GuestRights'
    'System.Threading.Mutex' = 'GuestMutex'
}

function global:ConvertTo-Played([string]$Text) {
    foreach ($name in $global:Played.Keys) { $Text = $Text.Replace("[$name]::", "[$($global:Played[$name])]::") }
    return $Text
}

# The machine without what only the play needs, and without what undoing leaves behind.
function Get-Machine {
    $shown = @{}
    foreach ($part in 'services', 'registry', 'acls', 'certificates', 'tasks', 'folders', 'files') { $shown[$part] = $global:Machine[$part] }
    return ConvertTo-Plain $shown
}

$data = ConvertTo-Plain (ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText($Case)) -AsHashtable)
$global:Machine = $data['machine']
$global:Calls = [System.Collections.ArrayList]::new()
[GuestEnvironment]::Is64BitProcess = $global:Machine['process_bits'] -eq 64

$told = [ordered]@{ code = $null; thrown = $null; task_thrown = $null; calls = @(); first = (Get-Machine) }
$copy = "$Report.ps1"
[System.IO.File]::WriteAllText($copy, (ConvertTo-Played ([System.IO.File]::ReadAllText($Script))))
try {
    & $copy
    $told['code'] = $LASTEXITCODE
} catch {
    $told['thrown'] = "$_ $($_.ScriptStackTrace)"
}
$told['calls'] = @($global:Calls)
$told['then'] = Get-Machine

# The task runs as a program of its own, after the script has ended.
$global:Calls.Clear()
try {
    foreach ($task in @($global:Machine['tasks'])) {
        $command = [regex]::Match("$($task['argument'])", '-Command "([^"]*)"$')
        if ($command.Success) { & ([scriptblock]::Create((ConvertTo-Played $command.Groups[1].Value))) }
    }
} catch {
    $told['task_thrown'] = "$_ $($_.ScriptStackTrace)"
}
$told['task'] = @($global:Calls)
$told['later'] = Get-Machine

# The undo commands, from top to bottom, as a person would type them.
try {
    foreach ($file in @($global:Machine['files'].Keys)) {
        if ($file -notlike '*\undo.txt') { continue }
        foreach ($line in "$($global:Machine['files'][$file])" -split "`r`n") {
            if (-not $line.Trim()) { continue }
            $first, $rest = $line -split ' ', 2
            $ended = Invoke-Program (($first -replace '\.exe$', '') + '.exe') $rest
            if ($ended['Code'] -ne 0) { throw "$line ended with code $($ended['Code'])" }
        }
    }
} catch {
    $told['thrown'] = "$_ $($_.ScriptStackTrace)"
}
$told['undone'] = Get-Machine
[System.IO.File]::WriteAllText($Report, (ConvertTo-Json -InputObject $told -Depth 12 -Compress))
