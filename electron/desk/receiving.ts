import type { Inbox } from '#inbox/inbox.ts'
import { UNFINISHED_MAX } from '#protocol/limits.ts'
import type { DevicePorts } from './device-ports.ts'
import type { Device } from './device.ts'
import type { Offers } from './offers.ts'

export interface ReceivingOptions {
  readonly inbox: Inbox
  readonly offers: Offers
  readonly device: () => Device
  readonly rowId: (device: Device, transferId: string) => string
}

/** What a device's files need of the inbox and of the person here. */
export function receiving({ inbox, offers, device, rowId }: ReceivingOptions) {
  const unfinished = () => inbox.unfinished(device().id)
  const ports: Pick<DevicePorts, 'mayTake' | 'openSink' | 'landed' | 'unfinished'> = {
    mayTake: ({ id, name, size }, look) => {
      // It was wanted before, and goes on.
      if (unfinished().some((one) => one.id === id)) return Promise.resolve(true)
      const { name: from, kind, autoAccept: trusted } = device()
      return offers.ask({ id: rowId(device(), id), from, kind, trusted, name, size, ...(look && { look }) })
    },
    openSink: (offer) => inbox.open(device().id, offer),
    landed: (id) => {
      const there = inbox.landed(device().id, id)
      return there === null ? null : { t: 'done', root: there.root }
    },
    unfinished: () =>
      unfinished()
        .slice(0, UNFINISHED_MAX)
        .map(({ id, name, size, mtime, kept }) => ({ t: 'unfinished', id, name, size, mtime, bytes: kept })),
  }
  return ports
}
