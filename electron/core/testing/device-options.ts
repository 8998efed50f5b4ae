import { TransferError } from '#transfer/errors.ts'
import { freshId } from '#transfer/testing/ends.ts'
import { MemorySink } from '#transfer/testing/files.ts'
import type { DeviceEvents, DeviceOptions, FileIntake } from '#core/devices/device.ts'
import type { SyncStore } from '#core/devices/device-sync.ts'

interface Given {
  readonly files?: Partial<FileIntake>
  readonly sync?: Partial<SyncStore>
  readonly events?: Partial<DeviceEvents>
}

/** What a device needs, of a computer that takes every file and remembers nothing. */
export const quietOptions = ({ files, sync, events }: Given = {}): DeviceOptions => ({
  computerName: () => 'Desk',
  newPhones: () => ({ autoAccept: true, clipboard: false }),
  run: freshId(),
  now: () => 0,
  laneWish: () => 'auto',
  places: () => [],
  handOut: () => {
    throw new TransferError('too-large')
  },
  files: {
    mayTake: () => Promise.resolve(true),
    landsAs: ({ name }) => name,
    openSink: (_device, { name }) => Promise.resolve(new MemorySink(name)),
    landed: () => null,
    unfinished: () => [],
    ...files,
  },
  sync: {
    cursor: () => '',
    keep: () => undefined,
    list: () => undefined,
    forget: () => undefined,
    onText: () => undefined,
    onTextQueued: () => undefined,
    onTextSent: () => undefined,
    onMissing: () => undefined,
    onChange: () => undefined,
    ...sync,
  },
  events: {
    onRegistered: () => undefined,
    onJoined: () => undefined,
    onHere: () => undefined,
    onGreeted: () => undefined,
    onReachable: () => undefined,
    onAway: () => undefined,
    onConfirmed: () => undefined,
    onRemember: () => undefined,
    onBatch: () => undefined,
    onTransfer: () => undefined,
    onBroken: () => undefined,
    onChange: () => undefined,
    ...events,
  },
})
