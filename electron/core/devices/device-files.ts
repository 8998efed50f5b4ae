import { shown } from '#protocol/text.ts'
import { rowId } from '#core/transfers/transfer-list.ts'
import type { Core } from '#core/core.ts'
import type { CoreOptions } from '#core/core-options.ts'
import type { DevicePorts } from './device-ports.ts'
import type { Device } from './device.ts'
import { handOutAt, type DownloadHost } from '#core/downloading.ts'
import { receiving } from '#core/transfers/receive.ts'
import type { DeviceSyncPorts } from './device-sync.ts'

export interface DeviceFilesOptions extends Pick<CoreOptions, 'name' | 'inbox'> {
  /** Names this run for phones. */
  readonly run: string
  readonly id: string
  readonly device: () => Device
  readonly downloads: () => DownloadHost | null
}

type FromDesk =
  | 'computerName'
  | 'run'
  | 'now'
  | 'laneWish'
  | 'openSink'
  | 'landsAs'
  | 'landed'
  | 'unfinished'
  | 'mayTake'
  | 'sync'
  | 'handOut'
  | 'onBatch'

/** What waits for it is written down until it has it. */
function syncOf({ phoneData, resendQueue }: Core, deviceId: string, device: () => Device): DeviceSyncPorts {
  const ports = phoneData.syncOf(device)
  return {
    ...ports,
    onWaits: (id, text) => {
      resendQueue.add([{ device: deviceId, id, text }])
    },
    onHeard: (id, text) => {
      resendQueue.drop(deviceId, id)
      ports.onHeard(id, text)
    },
  }
}

/** What a device's files and records need of the core. */
export function deviceFiles(core: Core, options: DeviceFilesOptions): Pick<DevicePorts, FromDesk> {
  const { inbox, filePrompts, phoneData } = core
  const { name: computerName, inbox: folder, run, id, device, downloads } = options
  return {
    computerName,
    run,
    now: () => core.calendar.now(),
    laneWish: () => core.laneWish,
    ...receiving({
      ...{ inbox, folder, filePrompts, device, rowId },
      isAskedFor: (batch, fileId) => phoneData.exports.takes(batch, fileId),
    }),
    sync: syncOf(core, id, device),
    handOut: handOutAt(downloads, id),
    onBatch: (batch) => {
      core.transferList.announced(device(), { ...batch, name: shown(batch.name) })
      phoneData.exports.begun(device(), batch)
    },
  }
}
