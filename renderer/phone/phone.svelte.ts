import { APP, type Answer, type Message } from '#protocol/hub-events.ts'
import type { Reason } from '#protocol/errors.ts'
import type { TalkFrame } from '#protocol/frames.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { ChannelLane } from '#peer/channel-lane.ts'
import { Bond } from '#peer/bond.ts'
import { Connection, type Applied } from '#peer/connection.ts'
import { startHashing } from '#peer/hash.ts'
import { networkKnown } from '#peer/network-known.ts'
import { Signaling } from '#peer/signaling.ts'
import type { Lane } from '#transfer/lane.ts'
import type { LeftOut } from '#transfer/batch-view.ts'
import { leftOut } from '#transfer/left-out.ts'
import { Session } from '#transfer/session.ts'
import { fromInput, type Picked } from './folder-pick.ts'
import { HubWay } from './hub-way.ts'
import { newId } from './ids.ts'
import { phoneName, takeLink, type KeptLink } from './link.ts'
import type { PhoneModel } from './model.ts'
import { LaterTalk, type TalkPage } from './talk.ts'
import { PhoneTransfers } from './transfers.svelte.ts'

/** Milliseconds before another attempt when the direct connection broke although the hub is there. */
const RETRY_MS = 1_500

/** Milliseconds that the direct connection has to be there, before the way through the hub is opened beside it. */
const HUB_WAY_AFTER_MS = 2_000

/** This page as a peer: registers, offers whenever the computer is there, keeps the session's transfers. */
export class Phone implements TalkPage {
  connection = $state.raw<PhoneModel['connection']>('connecting')
  reason = $state.raw<Reason | null>(null)
  desktopName = $state.raw('')
  remembered = $state.raw(false)
  lane = $state.raw<PhoneModel['lane']>(null)
  readonly #talk = new LaterTalk(this)
  readonly #transfers = new PhoneTransfers((file) => this.#talk.thumbnail(file))
  readonly #sha256 = startHashing()
  readonly #name = phoneName(navigator.userAgent)
  #signaling: Signaling | null = null
  #link: KeptLink | null = null
  #bond: Bond | null = null
  #attempt: Connection | null = null
  /** Made with the first lane, and kept: what goes on outlives its lanes. */
  #session: Session | null = null
  #desktopThere = false
  #retry: ReturnType<typeof setTimeout> | undefined
  readonly #hubWay = new HubWay({
    session: () => this.#bond?.session ?? null,
    wanted: () => this.connection !== 'refused' && this.#session?.lanes.includes('socket') !== true,
    opened: (lane) => {
      this.#open(lane)
    },
  })

  get transfers(): PhoneModel['transfers'] {
    return this.#transfers.list
  }

  get batches(): PhoneModel['batches'] {
    return this.#transfers.batches
  }

  get unfinished(): PhoneModel['unfinished'] {
    return this.#transfers.unfinished
  }

  start(): void {
    const link = takeLink()
    if (link === null) {
      this.#refuse('unknown-link')
      return
    }
    this.#link = link
    this.remembered = link.remembered
    const { uid } = link
    const secret = () => link.secret()
    const options = { url: location.origin, uid, secret, role: APP, name: this.#name, kind: 'page' } as const
    void networkKnown().then(() => {
      this.#signaling = new Signaling(options, this.#events())
    })
    // The computer should not have to find out by silence that this page is gone.
    addEventListener('pagehide', () => {
      this.#signaling?.send('bye')
      this.#attempt?.close('peer-left')
    })
  }

  send(files: readonly File[]): void {
    const { files: picked, left, leftNames } = fromInput(files)
    this.sendPicked(picked, undefined, leftOut(leftNames, left))
  }

  /** Files with the folders they are in; as the batch that the computer has asked for. `left`: what is not among them. */
  sendPicked(picked: readonly Picked[], batch?: string, left?: LeftOut): void {
    this.#transfers.sendAll(this.#session, picked, batch, left)
  }

  say(frame: TalkFrame): void {
    this.#session?.talk(frame)
  }

  cancel(id: string): void {
    if (this.#transfers.isBatch(id)) this.#transfers.cancelBatch(this.#session, id)
    else this.#session?.cancel(id)
  }

  forget(id: string): void {
    this.#transfers.forgetUnfinished(id)
  }

  pause(id: string, on: boolean): void {
    this.#session?.pause(id, on)
  }

  retry(id: string): void {
    this.#transfers.retry(this.#session, id)
  }

  remember(on: boolean): void {
    if (this.#link === null || this.#session === null) return
    this.remembered = on
    this.#link.remembered = on
    this.#session.remember(on)
  }

  clearFinished(): void {
    this.#transfers.clearFinished()
  }

  reconnect(): void {
    if (this.connection === 'refused') return
    this.connection = 'connecting'
    this.#signaling?.reconnect()
    if (this.#desktopThere) this.#connect()
  }

  #events(): ConstructorParameters<typeof Signaling>[1] {
    return {
      onRegistered: (session) => {
        this.#bond = session === null ? null : new Bond(session)
        this.#hubWay.openSoon(HUB_WAY_AFTER_MS)
      },
      onJoined: (peer) => {
        this.desktopName = cleanDeviceName(peer.name)
        this.#desktopThere = true
        this.#connect()
      },
      onLeft: () => {
        this.#desktopThere = false
        if (this.lane === null) this.#lost('peer-left')
      },
      onMessage: (message) => {
        this.#onMessage(message)
      },
      onOffline: () => {
        this.#desktopThere = false
        if (this.lane === null) this.#lost('connection-lost')
      },
      onRefused: (code) => {
        this.#endSession(code)
        // A used-up link is refused too, and so is one that a person took away: neither is worth another try.
        if (code === 'unknown-link' || code === 'revoked') this.#link?.forget()
        this.#refuse(code)
      },
    }
  }

  #connect(): void {
    clearTimeout(this.#retry)
    this.#attempt?.close('connection-lost')
    if (this.lane === null) this.connection = 'connecting'
    const attempt: Connection = Connection.offer({
      send: (message) => this.#signaling?.send(this.#bond?.sign(message) ?? message),
      onOpen: (channel, maxMessage, applied) => {
        this.#confirm(new ChannelLane(channel, maxMessage, () => attempt.close('connection-lost')), applied)
      },
      onClose: (code) => {
        this.#closed(attempt, code)
      },
    })
    this.#attempt = attempt
  }

  #onMessage(message: Message): void {
    if (message === 'bye') this.#attempt?.close('peer-left')
    else if (message.type === 'refusal') this.#attempt?.close(message.code)
    else if (message.type === 'candidate') this.#attempt?.receive(message)
    else if (message.type === 'answer') this.#answered(message)
  }

  #answered(answer: Answer): void {
    if (this.#bond?.isOwn(answer)) this.#attempt?.receive(answer)
    else this.#attempt?.close('tampered')
  }

  #confirm(lane: ChannelLane, applied: Applied): void {
    this.#bond?.confirm(lane, applied, (confirmed) => {
      if (typeof confirmed === 'string') this.#attempt?.close(confirmed)
      else this.#open(confirmed)
    })
  }

  #open(lane: Lane): void {
    this.#session ??= this.#openSession()
    this.#session.addLane(lane)
    // The direct way came first; which of the two is faster shows with the first large file.
    if (lane.kind === 'webrtc') this.#hubWay.openSoon(0)
  }

  #openSession(): Session {
    return new Session({
      parity: 1,
      together: (send) => this.#hubWay.together(send),
      self: { name: this.#name, kind: 'page', many: true, pieces: true, got: true, records: true, texts: true },
      session: newId(),
      sha256: this.#sha256,
      newId,
      mustFetch: (offer) => this.#transfers.isTooLarge(offer),
      openSink: (offer, fresh) => this.#transfers.openSink(offer, fresh),
      onPeer: (peer) => {
        this.desktopName = cleanDeviceName(peer.name)
        this.#talk.greeted(peer.texts)
      },
      onTalk: (frame) => {
        this.#talk.receive(frame)
      },
      onTransfer: (view) => {
        this.#transfers.put(view)
      },
      onBatch: (batch) => {
        this.#transfers.announced(batch)
      },
      onUnfinished: (file) => {
        this.#transfers.addUnfinished(file)
      },
      onLanes: (kinds) => {
        this.#lanesChanged(kinds.length > 0)
      },
      onKeep: (keep) => this.#link?.keep(keep),
      onClosed: (code) => {
        this.#endFor(code)
      },
      onBroken: (code) => {
        this.#endFor(code)
      },
    })
  }

  #lanesChanged(any: boolean): void {
    if (this.#session?.lanes.includes('socket') !== true) this.#hubWay.openSoon(HUB_WAY_AFTER_MS)
    this.lane = any ? (this.#session?.lane ?? null) : null
    if (this.connection === 'refused') return
    if (any) {
      this.connection = 'connected'
      this.reason = null
    } else this.#lost(this.#desktopThere ? 'connection-lost' : 'peer-left')
  }

  /** What was going on is over; the next lane begins anew. */
  #endSession(code: Reason): void {
    const session = this.#session
    this.#session = null
    this.lane = null
    session?.end(code)
    this.#attempt?.close(code)
  }

  /** One of the two does not keep to the protocol: it would not the next time either. */
  #endFor(code: Reason): void {
    this.#endSession(code)
    this.#signaling?.close()
    this.#refuse(code)
  }

  #closed(attempt: Connection, code: Reason): void {
    if (attempt !== this.#attempt) return
    this.#attempt = null
    if (this.connection === 'refused') return
    if (code === 'tampered') {
      this.#signaling?.close()
      this.#refuse(code)
      return
    }
    if (this.lane === null) this.#lost(code)
    if (this.#desktopThere)
      this.#retry = setTimeout(() => {
        this.#connect()
      }, RETRY_MS)
  }

  #lost(reason: Reason): void {
    this.connection = 'lost'
    this.reason = reason
  }

  #refuse(reason: Reason): void {
    this.connection = 'refused'
    this.reason = reason
  }
}
