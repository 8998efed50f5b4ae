import { spawn } from 'node:child_process'

/** How this program is started by others: an absolute path and what comes before a person's own arguments. */
export interface Program {
  readonly path: string
  readonly args: readonly string[]
}

/** What is known of the run that is to be started again. */
export interface ProgramFacts {
  readonly execPath: string
  readonly isPackaged: boolean
  /** The app's folder; matters when not packaged. */
  readonly appPath: string
  readonly env: NodeJS.ProcessEnv
  /** Chromium's sandbox is off, as it has to be for root. */
  readonly noSandbox: boolean
  /** The data folder, if it is not the usual one. */
  readonly data?: string | undefined
}

/** Returns how to start this program once more. An AppImage is started by its file: what it unpacks is gone after its end. */
export function programOf({ execPath, isPackaged, appPath, env, noSandbox, data }: ProgramFacts): Program {
  const image = isPackaged ? env['APPIMAGE'] : undefined
  const own = data === undefined ? [] : [`--data=${data}`]
  // Behind switches of Chromium a divider says where the app's own arguments begin (cli.ts).
  const app = isPackaged ? (noSandbox ? ['--'] : []) : [appPath, '--']
  return { path: image ?? execPath, args: [...(noSandbox ? ['--no-sandbox'] : []), ...app, ...own] }
}

/**
 * Brings the window of this run to the front by a token of the desktop's, which Wayland asks for: Electron takes one from
 * its environment only, at its start or with a second start, which is what this is.
 */
export function raiseBy(token: string, { path, args }: Program, env = process.env): void {
  if ((env['WAYLAND_DISPLAY'] ?? '') === '') return
  const again = spawn(path, args, { env: { ...env, XDG_ACTIVATION_TOKEN: token }, stdio: 'ignore', detached: true })
  // A program that can't be started again has a window all the same, if not in front.
  again.on('error', () => undefined)
  again.unref()
}

/** Returns the words as one line of a POSIX shell. */
export const shellLine = (words: readonly string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ')

/**
 * Returns the words as the value of `Exec` in a desktop entry: each in double quotes, with a backslash before what is special
 * there, then escaped once more as every value of such a file is, and `%` doubled, which begins a field code.
 */
export const desktopLine = (words: readonly string[]): string =>
  words
    .map((word) => `"${word.replaceAll(/["`$\\]/gu, '\\$&')}"`)
    .join(' ')
    .replaceAll('\\', '\\\\')
    .replaceAll('\n', '\\n')
    .replaceAll('%', '%%')

/** Returns the words as arguments of a Windows shortcut, as the C runtime takes them apart again. */
export const windowsLine = (words: readonly string[]): string =>
  words.map((word) => `"${word.replaceAll(/(\\*)"/gu, '$1$1\\"').replace(/\\+$/u, '$&$&')}"`).join(' ')
