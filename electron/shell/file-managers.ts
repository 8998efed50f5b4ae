import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { ShortcutDetails } from 'electron'
import { m } from '#messages'
import { baseLocale, locales } from '#messages/runtime'
import type { Settings } from '#store/settings.ts'
import { desktopLine, shellLine, windowsLine, type Program } from './program.ts'

/** What file managers are told with. */
export interface FileManagerOptions {
  readonly platform: NodeJS.Platform
  readonly program: Program
  /** Where a person's programs keep their data: XDG_DATA_HOME, or %APPDATA%. */
  readonly home: string
  /** Writes a Windows shortcut; returns whether that worked. */
  readonly writeLink: (path: string, details: ShortcutDetails) => boolean
}

/** A file that a file manager reads. */
interface Entry {
  readonly path: string
  readonly text: string
  /** Nautilus runs its scripts; KDE trusts nothing in a home that can't be run. */
  readonly isRun: boolean
}

/** Returns the words of the menus, by language; the first one is for all others. */
const NAMES = locales.map((locale) => [locale.replace('-', '_'), m.file_manager_send({}, { locale })] as const)
const names = (key: string): string =>
  NAMES.map(([locale, name]) => `${key}${locale === baseLocale ? '' : `[${locale}]`}=${name}\n`).join('')

/**
 * Writes and removes what makes file managers offer to send files with this program, for this person alone. Windows has one
 * folder for that; on Linux each file manager has a form of its own; on macOS only the package can say it.
 */
export class FileManagers {
  readonly #options: FileManagerOptions

  constructor(options: FileManagerOptions) {
    this.#options = options
  }

  /** Writes the entries, or brings them up to date: program and language may have changed. Rejects where the disk refuses it. */
  async write(): Promise<void> {
    if (this.#options.platform === 'win32') this.#writeLink()
    for (const entry of this.#entries()) await put(entry)
    await this.#removeAllBut(this.#paths(m.file_manager_send()))
  }

  async remove(): Promise<void> {
    await this.#removeAllBut([])
  }

  #entries(): Entry[] {
    const { platform, program, home } = this.#options
    return platform === 'linux' ? linuxEntries(home, [program.path, ...program.args, '--']) : []
  }

  /** Returns where entries are that are called so. */
  #paths(name: string): string[] {
    const { home, platform } = this.#options
    if (platform === 'win32') return [linkPath(home, name)]
    return platform === 'linux' ? [...DESKTOP_PATHS.map((path) => join(home, path)), scriptPath(home, name)] : []
  }

  async #removeAllBut(kept: readonly string[]): Promise<void> {
    const all = new Set(NAMES.flatMap(([, name]) => this.#paths(name)))
    for (const path of all) if (!kept.includes(path)) await rm(path, { force: true })
  }

  /** Windows hands all files that are chosen to one start of the program. */
  #writeLink(): void {
    const { home, program, writeLink } = this.#options
    const details = { target: program.path, args: windowsLine([...program.args, '--']), description: m.app_name() }
    const path = linkPath(home, m.file_manager_send())
    if (!writeLink(path, details)) throw new Error(`${path} can't be written`)
  }
}

/** Keeps the entries as the setting says from now on. Returns its undo. */
export function keepFileManagers(
  settings: Pick<Settings, 'now' | 'on'>,
  managers: Pick<FileManagers, 'write' | 'remove'>,
  onError: (error: unknown) => void,
): () => void {
  let last = Promise.resolve()
  const follow = (isWished: boolean): void => {
    last = last.then(() => (isWished ? managers.write() : managers.remove())).catch(onError)
  }
  if (settings.now.fileManagers) follow(true)
  return settings.on('fileManagers', follow)
}

/** Below XDG_DATA_HOME. */
const KDE = 'kio/servicemenus/lanyard.desktop'
const NEMO = 'nemo/actions/lanyard.nemo_action'
const THUNAR = 'Thunar/sendto/lanyard.desktop'
const DESKTOP_PATHS = [KDE, NEMO, THUNAR]
const linkPath = (home: string, name: string): string => join(home, 'Microsoft', 'Windows', 'SendTo', `${name}.lnk`)
const scriptPath = (home: string, name: string): string => join(home, 'nautilus', 'scripts', name)

/** `words`: the program's, behind which paths may stand. */
function linuxEntries(home: string, words: readonly string[]): Entry[] {
  return [
    { path: join(home, KDE), text: kdeMenu(words), isRun: true },
    { path: join(home, NEMO), text: nemoAction(words), isRun: false },
    { path: join(home, THUNAR), text: thunarTarget(words), isRun: false },
    // Its name is what the menu says.
    { path: scriptPath(home, m.file_manager_send()), text: nautilusScript(words), isRun: true },
  ]
}

const kdeMenu = (words: readonly string[]): string => `[Desktop Entry]
Type=Service
X-KDE-ServiceTypes=KonqPopupMenu/Plugin
MimeType=application/octet-stream;inode/directory;
Actions=send;

[Desktop Action send]
${names('Name')}Icon=lanyard
Exec=${desktopLine(words)} %F
`

/** URIs, because Nemo puts paths between the quotes as they are, also those with quotes in them. */
const nemoAction = (words: readonly string[]): string => `[Nemo Action]
${names('Name')}Exec=${shellLine(words).replaceAll('\\', '\\\\').replaceAll('%', '%%')} %U
Icon-Name=lanyard
Selection=notnone
Extensions=any;
Quote=double
`

const thunarTarget = (words: readonly string[]): string => `[Desktop Entry]
Type=Application
Version=1.0
${names('Name')}Icon=lanyard
Exec=${desktopLine(words)} %F
`

/** Nautilus goes to the folder and names the chosen files in it. */
const nautilusScript = (words: readonly string[]): string => `#!/bin/sh
exec ${shellLine(words)} "$@"
`

async function put({ path, text, isRun }: Entry): Promise<void> {
  if ((await readFile(path, 'utf8').catch(() => null)) !== text) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, text)
  }
  if (isRun) await chmod(path, 0o755)
}
