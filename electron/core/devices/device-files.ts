import { shown } from '#protocol/text.ts'
import { rowId } from '#core/transfers/board.ts'
import type { Desk } from '#core/core.ts'
import type { DeskOptions } from '#core/core-options.ts'
import type { DevicePorts } from './device-ports.ts'
import type { Device } from './device.ts'
import { handOutAt, type DownloadHost } from '#core/downloading.ts'
import { receiving } from '#core/transfers/receiving.ts'
import type { TalkPorts } from './talk.ts'

export interface DeviceFilesOptions extends Pick<DeskOptions, 'name' | 'inbox'> {
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
  | 'talk'
  | 'handOut'
  | 'onBatch'

/** What waits for it is written down until it has it. */
function talkOf({ library, unsent }: Desk, deviceId: string, device: () => Device): TalkPorts {
  const ports = library.talkOf(device)
  return {
    ...ports,
    onWaits: (id, text) => {
      unsent.add([{ device: deviceId, id, text }])
    },
    onHeard: (id, text) => {
      unsent.drop(deviceId, id)
      ports.onHeard(id, text)
    },
  }
}

/** What a device's files and records need of the desk. */
export function deviceFiles(desk: Desk, options: DeviceFilesOptions): Pick<DevicePorts, FromDesk> {
  const { inbox, offers, library } = desk
  const { name: computerName, inbox: folder, run, id, device, downloads } = options
  return {
    computerName,
    run,
    now: () => desk.calendar.now(),
    laneWish: () => desk.laneWish,
    ...receiving({
      ...{ inbox, folder, offers, device, rowId },
      isAskedFor: (batch, fileId) => library.exporting.takes(batch, fileId),
    }),
    talk: talkOf(desk, id, device),
    handOut: handOutAt(downloads, id),
    onBatch: (batch) => {
      desk.board.announced(device(), { ...batch, name: shown(batch.name) })
      library.exporting.begun(device(), batch)
    },
  }
}
