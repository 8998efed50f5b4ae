import type { SendNoteView } from '#electron/window-api.ts'
import { TransferError } from '#transfer/errors.ts'
import type { AppEvent } from '#core/app-events.ts'
import { refOf } from '#core/devices/device-parts.ts'
import { sendPaths, type Outlet, type SendOutcome } from './send.ts'

export interface SendNotePorts {
  readonly onEvent: (event: AppEvent) => void
  readonly onChange: () => void
}

/** What a person should know of what they sent last, where no row of the list says it. Gone with the next sending. */
export class SendNote {
  view: SendNoteView | null = null
  readonly #ports: SendNotePorts

  constructor(ports: SendNotePorts) {
    this.#ports = ports
  }

  clear(): void {
    if (this.view === null) return
    this.view = null
    this.#ports.onChange()
  }

  /** Sends what a person dropped or chose. `lost`: names of things among it that have no path. */
  async send(core: Outlet, deviceId: string, paths: readonly string[], lost: readonly string[] = []): Promise<void> {
    this.clear()
    if (paths.length + lost.length > 0) this.#told(core, deviceId, await sendPaths(core, deviceId, paths, lost))
  }

  #told(core: Outlet, deviceId: string, outcome: SendOutcome): void {
    const { as, ...left } = outcome
    const device = core.deviceOf(deviceId)
    if (left.skipped > 0 && device !== undefined)
      this.#ports.onEvent({ event: 'skipped', device: refOf(device), ...left })
    // What is left out of a zip or a batch is told in its row, unless it is known here alone.
    if (as === 'empty' || as === 'nothing') this.view = { what: as, ...left }
    else if (as === 'files' && left.skipped > 0) this.view = { what: 'some', ...left }
    else return
    this.#ports.onChange()
  }
}

/** Sends once more what was sent before. Throws TransferError `source-changed` when it is not there any more. */
export async function sendOnceMore(core: Outlet, deviceId: string, path: string): Promise<void> {
  const { as } = await sendPaths(core, deviceId, [path])
  if (as === 'nothing' || as === 'empty') throw new TransferError('source-changed')
}
