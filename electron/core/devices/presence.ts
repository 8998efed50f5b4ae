import type { Reason } from '#protocol/errors.ts'

/**
 * Whether a link's phone can be reached. `empty`: no phone has been on the link. `away`: neither a lane leads to the phone
 * nor is it at the hub. `connecting`: it is at the hub, and no lane leads to it; `wasHere` if one did since it came. `here`:
 * a lane leads to it; `isAtHub` until it leaves the hub, which may be before its lane breaks. `trouble` is why the last
 * attempt failed, for a person to read.
 */
export type Presence =
  | { readonly state: 'empty' }
  | { readonly state: 'away'; readonly trouble: Reason | null }
  | { readonly state: 'connecting'; readonly wasHere: boolean; readonly trouble: Reason | null }
  | { readonly state: 'here'; readonly isAtHub: boolean; readonly trouble: Reason | null }

export const EMPTY: Presence = { state: 'empty' }
/** A phone of an earlier run. */
export const AWAY: Presence = { state: 'away', trouble: null }
/** A lane has opened. A phone that has opened one without being at the hub any more is asked for nothing but its lane. */
const NOT_AT_HUB: Presence = { state: 'here', isAtHub: false, trouble: null }

/** Reasons that stay on the screen of a phone that is away: it does not come back by itself, and a person should know. */
const LASTING: ReadonlySet<Reason | null> = new Set<Reason>(['malformed', 'overrun', 'version', 'tampered', 'failed'])

/** Returns why there is no lane, or what went wrong beside it. */
export const troubleOf = (presence: Presence): Reason | null => (presence.state === 'empty' ? null : presence.trouble)

/** Whether `here` was told and no `away` since: a lane that breaks and is made again is no coming and going. */
export const isAnnounced = (presence: Presence): boolean =>
  presence.state === 'here' || (presence.state === 'connecting' && presence.wasHere)

/** A phone has registered at the hub. `hasLane`: one from before is still open. */
export function joined(presence: Presence, hasLane: boolean): Presence {
  if (hasLane) return { state: 'here', isAtHub: true, trouble: null }
  return { state: 'connecting', wasHere: isAnnounced(presence), trouble: null }
}

/** The phone has left the hub. It stays as long as a lane leads to it. */
export function left(presence: Presence, hasLane: boolean): Presence {
  if (!hasLane) return gone(presence)
  return presence.state === 'here' ? { ...presence, isAtHub: false } : presence
}

/** A lane leads to the phone. */
export const reached = (presence: Presence): Presence =>
  isAtHub(presence) ? { state: 'here', isAtHub: true, trouble: null } : NOT_AT_HUB

/** The last lane is closed. */
export const unreached = (presence: Presence): Presence =>
  isAtHub(presence)
    ? { state: 'connecting', wasHere: isAnnounced(presence), trouble: troubleOf(presence) }
    : gone(presence)

/** An attempt failed, or a side has broken the protocol. */
export const troubled = (presence: Presence, trouble: Reason): Presence =>
  presence.state === 'empty' ? presence : { ...presence, trouble }

export const isAtHub = (presence: Presence): boolean =>
  presence.state === 'connecting' || (presence.state === 'here' && presence.isAtHub)

function gone(presence: Presence): Presence {
  if (presence.state === 'empty') return presence
  const { trouble } = presence
  return { state: 'away', trouble: LASTING.has(trouble) ? trouble : null }
}
