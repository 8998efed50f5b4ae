import type { Keep } from '#protocol/frames.ts'
import type { Reason } from '#protocol/errors.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { Lane } from '#transfer/lane.ts'
import { Session } from '#transfer/session.ts'
import { newId, sha256 } from './device-parts.ts'
import type { DevicePorts } from './device-ports.ts'

/** A conversation of version 2 over a confirmed lane. `named` and `broken` tell what it is called, and its sudden end. */
export function openSession(
  lane: Lane,
  ports: DevicePorts,
  { named, broken }: { readonly named: (name: string) => void; readonly broken: (code: Reason) => void },
): Session {
  const keep = (frame: Keep): void => {
    session.keep(frame)
  }
  const session: Session = new Session(lane, {
    parity: 0,
    self: { name: ports.computerName, kind: 'desktop' },
    sha256,
    newId,
    mayTake: (offer, look) => ports.mayTake(offer, look),
    openSink: (offer) => ports.openSink(offer.name, offer.mtime),
    onPeer: (peer) => {
      named(cleanDeviceName(peer.name))
    },
    onTransfer: (view) => {
      ports.onTransfer(view)
    },
    onRemember: (on) => {
      ports.onRemember(on, keep)
    },
    onBroken: broken,
  })
  return session
}
