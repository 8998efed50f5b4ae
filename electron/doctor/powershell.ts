import { join } from 'node:path'

/** PowerShell by its full path: a program of that name in some other folder is not meant. */
const POWERSHELL = join(
  process.env['SystemRoot'] ?? 'C:\\Windows',
  'System32',
  'WindowsPowerShell',
  'v1.0',
  'powershell.exe',
)

/** Writes a text into a script as what no quote in it can end. */
export const literal = (value: string): string =>
  `[Text.Encoding]::UTF8.GetString([Convert]::FromBase64String('${Buffer.from(value).toString('base64')}'))`

/** Returns a script's arguments as UTF-16 in base64: the form in which no quote of it means anything on the way. */
const encoded = (script: string): string[] => [
  '-NoProfile',
  '-NonInteractive',
  '-EncodedCommand',
  Buffer.from(script, 'utf16le').toString('base64'),
]

/** Returns the program and the arguments that run a script of PowerShell. */
export const powershell = (script: string): [program: string, args: string[]] => [POWERSHELL, encoded(script)]

/**
 * Returns a script that runs another one as administrator, for which Windows asks the person. It ends as that one did, and
 * with 1 where the person said no.
 */
export const asAdministrator = (script: string): string => `
try {
  $done = Start-Process -FilePath (${literal(POWERSHELL)}) -ArgumentList '${encoded(script).join(' ')}' -Verb RunAs -WindowStyle Hidden -Wait -PassThru
  exit $done.ExitCode
} catch { exit 1 }`
