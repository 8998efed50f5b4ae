import { TransferError } from '#transfer/errors.ts'
import { freshId } from '#transfer/testing/ends.ts'
import { MemorySink } from '#transfer/testing/files.ts'
import type { DevicePorts } from '#core/devices/device-ports.ts'

/** What a device needs, of a computer that takes every file and remembers nothing. */
export const quietPorts = (): DevicePorts => ({
  computerName: 'Desk',
  run: freshId(),
  now: () => 0,
  laneWish: () => 'auto',
  mayTake: () => Promise.resolve(true),
  landsAs: ({ name }) => name,
  openSink: ({ name }) => Promise.resolve(new MemorySink(name)),
  landed: () => null,
  unfinished: () => [],
  handOut: () => {
    throw new TransferError('too-large')
  },
  sync: {
    cursor: () => '',
    keep: () => undefined,
    list: () => undefined,
    forget: () => undefined,
    onText: () => undefined,
    onWaits: () => undefined,
    onHeard: () => undefined,
    onAbsent: () => undefined,
    onChange: () => undefined,
  },
  onBatch: () => undefined,
  onTransfer: () => undefined,
  onRegistered: () => undefined,
  onJoined: () => undefined,
  onConfirmed: () => undefined,
  onRemember: () => undefined,
  onBroken: () => undefined,
  onChange: () => undefined,
  onHere: () => undefined,
  onReachable: () => undefined,
  onAway: () => undefined,
})
