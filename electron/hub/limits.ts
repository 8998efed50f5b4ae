import {
  GUEST_BYTES_BURST,
  GUEST_BYTES_PER_SECOND,
  GUEST_MESSAGE_BYTES_MAX,
  GUEST_PACKETS_BURST,
  GUEST_PACKETS_PER_SECOND,
  HUB_MESSAGE_BYTES_MAX,
  PACKETS_BURST,
  PACKETS_PER_SECOND,
} from '#protocol/limits.ts'
import { LANE_HANDSHAKE_MS } from '#protocol/sealed.ts'

const SECOND = 1000

/**
 * What the hub allows at most. Every number is an option, so that a bench may raise it and say so; these are
 * the shipped ones. They guard against whoever is on the same network, not against this computer's own
 * programs.
 */
export interface HubLimits {
  /** ms until the headers of a request must be there; also closes a connection that says nothing. */
  readonly headersMs: number
  /** ms until a whole request must be there. */
  readonly requestMs: number
  /** ms that an idle connection is kept for the next request. */
  readonly keepAliveMs: number
  /** ms between two looks at the two limits above: Node's own 30 s would make 10 s mean 40. */
  readonly timeoutCheckMs: number
  readonly headersMax: number
  readonly requestsPerConnection: number
  /** TCP connections in all. */
  readonly connections: number
  /** TCP connections from one address; from 127.0.0.1 more, as the window has a socket for every link. */
  readonly connectionsPerAddress: number
  readonly connectionsFromHere: number
  /** ms from the transport's opening to Socket.IO's CONNECT. */
  readonly connectMs: number
  /** ms from CONNECT until a client must be let in. Open signaling lets everybody in at once. */
  readonly registerMs: number
  /** ms that a person has to let a client of 2018 in; no answer is a no. */
  readonly legacyAskMs: number
  /** Clients of 2018 that may wait for that answer: in all, and from one address. The others are refused at once. */
  readonly legacyWaiting: number
  readonly legacyWaitingPerAddress: number
  /**
   * Wrong proofs of a key from one address within so many ms, after which further ones are told `overrun` for so many
   * ms. The right key is let in all the while. A person who scans old codes does not get there.
   */
  readonly wrongProofs: number
  readonly wrongProofsMs: number
  readonly refuseProofsMs: number
  /** ms between pings, and ms until a client that answers none is gone: 18 s instead of Socket.IO's 45. */
  readonly pingIntervalMs: number
  readonly pingTimeoutMs: number
  /** Bytes of one Socket.IO message. A larger one ends its sender. */
  readonly messageBytes: number
  /**
   * Clients that are not let in yet, in all and from one address, and for themselves those from 127.0.0.1, where the
   * window has one for every link. Open signaling has none.
   */
  readonly guests: number
  readonly guestsPerAddress: number
  readonly guestsFromHere: number
  /** Bytes of one message of theirs. */
  readonly guestMessageBytes: number
  /** Packets and bytes of one of theirs: so many in a second, and so many at once. Counted before anything is parsed. */
  readonly guestPacketsPerSecond: number
  readonly guestPacketsBurst: number
  readonly guestBytesPerSecond: number
  readonly guestBytesBurst: number
  /** Bytes that may wait for a client to read them, as a guest and after: who asks and never reads is ended. */
  readonly guestUnreadBytes: number
  readonly unreadBytes: number
  /** Packets of one client: so many in a second, and so many at once. `ctrlSendSpeed` costs nothing. */
  readonly packetsPerSecond: number
  readonly packetsBurst: number
  /** ms from a sealed socket's opening until both ends have shown their keys. Until then it counts as a guest. */
  readonly laneHandshakeMs: number
  /** Open sealed sockets of one registration; one more ends the oldest. */
  readonly lanesPerSession: number
  /**
   * Sealed sockets that one registration may open: so many in a second, and so many at once. Each costs a key exchange;
   * a phone opens one after a loss, and tries again after seconds.
   */
  readonly lanesPerSecond: number
  readonly lanesBurst: number
  /** ms that an ended client has to close by itself, before its connection is cut. */
  readonly endGraceMs: number
  /** The same for one whom a person has taken away: it is off within a second. */
  readonly expelGraceMs: number
  /** ms after its last byte, or after it was offered, until a file can't be fetched by http any more. */
  readonly downloadIdleMs: number
  /** ms for which a download may take nothing before it is cut: at most twice as long. It can go on with a range. */
  readonly downloadStallMs: number
  /** Ranges of one file that are sent at a time. */
  readonly downloadStreams: number
  /**
   * Requests from one address for downloads that are not there, within so many ms, after which further ones get 429
   * for so many ms. What is there is served all the while.
   */
  readonly wrongDownloads: number
  readonly wrongDownloadsMs: number
  readonly refuseDownloadsMs: number
}

export const SHIPPED_LIMITS: HubLimits = {
  headersMs: 10 * SECOND,
  requestMs: 60 * SECOND,
  keepAliveMs: 5 * SECOND,
  timeoutCheckMs: 2 * SECOND,
  headersMax: 64,
  requestsPerConnection: 200,
  connections: 256,
  connectionsPerAddress: 24,
  connectionsFromHere: 160,
  connectMs: 10 * SECOND,
  registerMs: 10 * SECOND,
  legacyAskMs: 30 * SECOND,
  legacyWaiting: 3,
  legacyWaitingPerAddress: 1,
  wrongProofs: 10,
  wrongProofsMs: 60 * SECOND,
  refuseProofsMs: 60 * SECOND,
  pingIntervalMs: 10 * SECOND,
  pingTimeoutMs: 8 * SECOND,
  messageBytes: HUB_MESSAGE_BYTES_MAX,
  guests: 32,
  guestsPerAddress: 6,
  guestsFromHere: 128,
  guestMessageBytes: GUEST_MESSAGE_BYTES_MAX,
  guestPacketsPerSecond: GUEST_PACKETS_PER_SECOND,
  guestPacketsBurst: GUEST_PACKETS_BURST,
  guestBytesPerSecond: GUEST_BYTES_PER_SECOND,
  guestBytesBurst: GUEST_BYTES_BURST,
  guestUnreadBytes: 262_144,
  // Four of the largest messages: a long list of a legacy app may be said again before it was read.
  unreadBytes: 4 * HUB_MESSAGE_BYTES_MAX,
  packetsPerSecond: PACKETS_PER_SECOND,
  packetsBurst: PACKETS_BURST,
  laneHandshakeMs: LANE_HANDSHAKE_MS,
  lanesPerSession: 2,
  lanesPerSecond: 0.5,
  lanesBurst: 20,
  endGraceMs: 2 * SECOND,
  expelGraceMs: 0.5 * SECOND,
  downloadIdleMs: 600 * SECOND,
  downloadStallMs: 60 * SECOND,
  downloadStreams: 2,
  wrongDownloads: 20,
  wrongDownloadsMs: 60 * SECOND,
  refuseDownloadsMs: 60 * SECOND,
}
