import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Settings } from '#store/settings.ts'
import { desktopLine, type Program } from './program.ts'

/** The system's own list of what starts with a person's session, on Windows and macOS. */
export interface LoginItems {
  isOn(): boolean
  set(on: boolean): void
}

/** What starts the program without a window. */
export const HIDDEN = '--hidden'

export interface AutostartOptions {
  readonly platform: NodeJS.Platform
  readonly program: Program
  /** Of a Linux session: `$XDG_CONFIG_HOME`. */
  readonly configHome: string
  readonly items: LoginItems
  /** An entry that starts another program than this is one of before it moved. False for a run beside the installed one. */
  readonly isInstalled: boolean
}

/** Has the system start the program with a person's session. What is on is asked of the system, which has a list of its own. */
export class Autostart {
  readonly #options: AutostartOptions
  readonly #file: string

  constructor(options: AutostartOptions) {
    this.#options = options
    this.#file = join(options.configHome, 'autostart', 'lanyard.desktop')
  }

  /** Tells whether the system will start the program. */
  async isOn(): Promise<boolean> {
    if (this.#options.platform !== 'linux') return this.#options.items.isOn()
    const entry = await this.#read()
    return entry !== null && !isSwitchedOff(entry)
  }

  /** Rejects where the entry can't be written. */
  async set(on: boolean): Promise<void> {
    if (this.#options.platform !== 'linux') this.#options.items.set(on)
    else if (on) await this.#write()
    else await rm(this.#file, { force: true })
  }

  /** Writes an entry anew that starts the program from where it was before it moved. */
  async refresh(): Promise<void> {
    const { platform, isInstalled } = this.#options
    if (platform !== 'linux' || !isInstalled || !(await this.isOn())) return
    if ((await this.#read()) !== this.#entry()) await this.#write()
  }

  async #read(): Promise<string | null> {
    return readFile(this.#file, 'utf8').catch(() => null)
  }

  async #write(): Promise<void> {
    await mkdir(dirname(this.#file), { recursive: true })
    await writeFile(this.#file, this.#entry())
  }

  #entry(): string {
    const { path, args } = this.#options.program
    const lines = [
      '[Desktop Entry]',
      'Type=Application',
      'Name=Lanyard',
      `Exec=${desktopLine([path, ...args, HIDDEN])}`,
      'Icon=lanyard',
      'Terminal=false',
      'StartupNotify=false',
      'X-GNOME-Autostart-enabled=true',
    ]
    return `${lines.join('\n')}\n`
  }
}

/** Desktops switch an entry off by a line in it. */
const isSwitchedOff = (entry: string): boolean =>
  /^Hidden\s*=\s*true\s*$/im.test(entry) || /^X-GNOME-Autostart-enabled\s*=\s*false\s*$/im.test(entry)

/**
 * Keeps the setting and the system alike: the setting, once set, is done by the system, and shows what the system says, now
 * and at each `look`. Returns that, and the undo.
 */
export function keepAutostart(
  settings: Settings,
  autostart: Autostart,
  onError: (error: unknown) => void,
): { readonly look: () => Promise<void>; readonly stop: () => void } {
  const look = async (): Promise<void> => {
    const isOn = await autostart.isOn()
    if (settings.now.startAtLogin !== isOn) settings.set('startAtLogin', isOn)
  }
  const stop = settings.on('startAtLogin', (on) => {
    void autostart
      .isOn()
      .then((isOn) => (isOn === on ? undefined : autostart.set(on)))
      .catch(onError)
      .then(look)
  })
  void autostart.refresh().catch(onError).then(look)
  return { look, stop }
}
