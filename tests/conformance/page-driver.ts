import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser } from '@playwright/test'
import { Phone } from '../support/phone.ts'
import type { PhoneDriver } from './drivers.ts'

/** The phone's page in a browser. */
export class PageDriver implements PhoneDriver {
  readonly patienceMs = 60_000
  readonly #browser: Browser
  #phone: Phone | null = null
  #folder: string | null = null
  #path = ''
  #sent = 0

  constructor(browser: Browser) {
    this.#browser = browser
  }

  async open(link: string): Promise<void> {
    this.#folder = await mkdtemp(join(tmpdir(), 'lanyard-conformance-'))
    this.#phone = await Phone.open(this.#browser, link)
  }

  async send(bytes: Uint8Array, name = `sent-${++this.#sent}.bin`): Promise<void> {
    this.#path = join(this.#folder ?? '.', name)
    await writeFile(this.#path, bytes)
    await this.#phone?.send(this.#path)
  }

  async change(bytes: Uint8Array): Promise<void> {
    await writeFile(this.#path, bytes)
  }

  async close(): Promise<void> {
    await this.#phone?.close()
    this.#phone = null
    if (this.#folder !== null) await rm(this.#folder, { recursive: true, force: true })
    this.#folder = null
  }
}
