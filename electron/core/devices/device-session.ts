import type { Credentials, SyncFrame } from '#protocol/frames.ts'
import type { Reason } from '#protocol/errors.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import type { LaneKind } from '#transfer/lane.ts'
import { Session } from '#transfer/session.ts'
import type { Peer } from '#transfer/session-options.ts'
import { MessageBatcher } from '#transfer/message-batcher.ts'
import { newId, sha256 } from './device-parts.ts'
import type { DevicePorts } from './device-ports.ts'

export interface SessionEvents {
  readonly onPeer: (peer: Peer) => void
  readonly onSync: (frame: SyncFrame) => void
  readonly onLanes: (kinds: readonly LaneKind[]) => void
  readonly onClosed: (code: Reason) => void
  readonly onBroken: (code: Reason) => void
}

/** Milliseconds: of files that a phone sends in a crowd, five or ten are answered at once. Nobody waits for less. */
const GAP_MS = 4

/** What this computer says of itself in `hello`. */
const ABILITIES = { kind: 'desktop', folders: true, many: true, pieces: true, got: true, texts: true } as const

/** What this computer and a phone of version 2 have going on, over whatever lanes there are. */
export function openSession(ports: DevicePorts, events: SessionEvents): Session {
  const giveCredentials = (frame: Credentials): void => {
    session.giveCredentials(frame)
  }
  const session: Session = new Session({
    parity: 0,
    newBatcher: (send) => new MessageBatcher(send, GAP_MS),
    self: { name: ports.computerName, ...ABILITIES },
    session: ports.run,
    sha256,
    newId,
    mayTake: (offer, look) => ports.mayTake(offer, look),
    landsAs: (offer) => ports.landsAs(offer),
    openSink: (offer, fresh) => ports.openSink(offer, fresh),
    landed: (id) => ports.landed(id),
    unfinished: () => ports.unfinished(),
    handOut: (source, tell) => ports.handOut(source, tell),
    ...events,
    onPeer: (peer) => {
      events.onPeer({ ...peer, name: cleanDeviceName(peer.name) })
    },
    onTransfer: (view) => {
      ports.onTransfer(view)
    },
    onBatch: (batch) => {
      ports.onBatch(batch)
    },
    onRemember: (on) => {
      ports.onRemember(on, giveCredentials)
    },
  })
  session.wish = ports.laneWish()
  return session
}
