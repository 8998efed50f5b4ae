import type { Browser } from '@playwright/test'
import { join, resolve } from 'node:path'
import { Lan } from '../../tests/lan/network.ts'
import { scratch } from '../../tests/support/files.ts'
import { launchBrowser, Phone } from '../../tests/support/phone.ts'
import { Started } from '../../tests/support/started.ts'
import { knownLanes, laneOptions, type LaneName } from '../rig.ts'

const ROOT = resolve('.')

/** The app without a window on the desktop's host, and a phone that joined it from the other one. */
export interface CableRig {
  readonly lane: LaneName
  readonly events: Started['events']
  readonly inbox: string
  readonly link: string
  readonly phone: Phone
}

/** Two hosts on a cable with everything on it. `close` takes all of it away. */
export class Cable {
  readonly lan = new Lan()
  readonly known = knownLanes()
  readonly rigs: CableRig[] = []
  #browser: Browser | undefined
  readonly #closing: (() => Promise<unknown>)[] = []

  get browser(): Browser {
    if (this.#browser === undefined) throw new Error('no browser yet')
    return this.#browser
  }

  /** One app for each lane, or for these. The cable is as it will be for all of what follows. */
  async start(lanes = this.known): Promise<void> {
    const browser = await launchBrowser(this.lan.phoneProgram(process.env['LANYARD_CHROMIUM'] ?? '/usr/bin/chromium'))
    this.#browser = browser
    this.#closing.unshift(() => browser.close())
    for (const lane of lanes) this.rigs.push(await this.#startApp(lane, browser))
  }

  async close(): Promise<void> {
    for (const close of this.#closing) await close().catch(() => undefined)
    this.lan.remove()
  }

  async #startApp(lane: LaneName, browser: Browser): Promise<CableRig> {
    const folder = await scratch()
    const inbox = join(folder.path, 'inbox')
    const switches = [...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), '--ozone-platform=headless', '--disable-gpu']
    const own = ['--headless', '--json', '--port', '0', '--inbox', inbox, '--data', join(folder.path, 'data')]
    const args = [...switches, ROOT, '--', ...own, ...laneOptions(lane, this.known)]
    const app = new Started(...this.lan.on(this.lan.desktop, process.env['ELECTRON_EXEC_PATH'] ?? '', args))
    this.#closing.unshift(async () => {
      await app.stop()
      await folder.remove()
    })
    const ready = await app.events.wait('ready', ({ event }) => event === 'ready')
    const link = String(ready['link'])
    return { lane, events: app.events, inbox, link, phone: await Phone.join(browser, link) }
  } // prettier-ignore
}
