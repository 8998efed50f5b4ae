import { basename } from 'node:path'
import { readableName } from '#inbox/byte-names.ts'
import { shown } from '#protocol/text.ts'
import type { HandedView } from '#electron/app-state.ts'
import { ROWS_MAX } from '#electron/window-api.ts'
import type { Device } from '#core/devices/device.ts'
import type { History } from '#core/records/history.ts'
import type { Outlet, SendNote } from './send.ts'
import type { TransferList } from './transfer-list.ts'

/** What handed files need of the core. */
export interface HandedFilesOptions {
  /** Returns the phones that are here, the last used first. */
  readonly here: () => readonly string[]
  /** Sends files and folders to a phone. Rejects where nobody could take them. */
  readonly send: (deviceId: string, paths: readonly string[]) => Promise<void>
  /** Whether there is a window in which a person can be asked. */
  readonly canAsk: boolean
  readonly onChange: () => void
}

/**
 * Keeps files and folders that came from outside of the window, by the command line, a file manager or the dock, until it is
 * plain which phone gets them: the only one that is here, the one that a person says, or the first that comes.
 */
export class HandedFiles {
  readonly #options: HandedFilesOptions
  #paths: readonly string[] = []
  /** A person was asked: from then on nothing but the answer sends them. */
  #isAsked = false

  constructor(options: HandedFilesOptions) {
    this.#options = options
  }

  /** Returns what the window shows; null while nothing waits. */
  get view(): HandedView | null {
    const [first] = this.#paths
    if (first === undefined) return null
    const name = shown(readableName(basename(first)))
    return { count: this.#paths.length, name, phones: this.#isAsked ? this.#options.here() : null }
  }

  /** Takes absolute paths. More of them join those that wait. */
  take(paths: readonly string[]): void {
    if (paths.length === 0) return
    this.#paths = [...new Set([...this.#paths, ...paths])]
    const [first, ...more] = this.#options.here()
    const isPlain = first !== undefined && (more.length === 0 || !this.#options.canAsk)
    this.#isAsked ||= first !== undefined && !isPlain
    if (isPlain && !this.#isAsked) this.#send([first])
    this.#options.onChange()
  }

  /** A phone can be sent to from now on. */
  came(deviceId: string): void {
    if (this.#paths.length > 0 && !this.#isAsked) this.#send([deviceId])
  }

  /** Takes a person's answer; no phone at all = they are not sent. */
  answer(deviceIds: readonly string[]): void {
    this.#send(deviceIds)
    this.#options.onChange()
  }

  #send(deviceIds: readonly string[]): void {
    const paths = this.#paths
    this.#paths = []
    this.#isAsked = false
    for (const id of new Set(deviceIds)) void this.#sendTo(id, paths)
    this.#options.onChange()
  }

  async #sendTo(deviceId: string, paths: readonly string[]): Promise<void> {
    try {
      await this.#options.send(deviceId, paths)
    } catch {
      // The phone has gone just now, and can't come back.
      this.take(paths)
    }
  }
}

/** What the core has that decides where handed files go. */
export interface HandedCore extends Outlet {
  readonly devices: readonly Pick<Device, 'id' | 'state'>[]
  readonly transferList: Outlet['transferList'] & Pick<TransferList, 'transfers'>
  readonly phoneData: { readonly history: Pick<History, 'find'> }
  readonly sendNote: SendNote
  changed(): void
}

/** Makes the core's. `canAsk`: there is a window in which a person can be asked. */
export function handedFilesOf(core: HandedCore, canAsk: boolean): HandedFiles {
  const moved = (): readonly { readonly deviceId: string }[] => [
    ...core.transferList.transfers(),
    ...core.phoneData.history.find({ offset: 0, limit: ROWS_MAX }).rows,
  ]
  return new HandedFiles({
    canAsk,
    here: () => {
      const here = core.devices.filter(({ state }) => state === 'here').map(({ id }) => id)
      if (here.length < 2) return here
      return lastUsedFirst(
        here,
        moved().map(({ deviceId }) => deviceId),
      )
    },
    send: (deviceId, paths) => core.sendNote.send(core, deviceId, paths),
    onChange: () => {
      core.changed()
    },
  })
}

/** Puts phones in the order in which they were used. `used`: of which phone each thing was that travelled, newest first. */
export function lastUsedFirst(phones: readonly string[], used: readonly string[]): string[] {
  const place = (id: string): number => (used.indexOf(id) + used.length + 1) % (used.length + 1)
  return [...phones].sort((a, b) => place(a) - place(b))
}
