import * as v from 'valibot'
import { Candidate } from '#protocol/hub-events.ts'
import type { Route } from './hub-client.ts'

/** Browsers put `<uuid>.local` in the place of a LAN address, a name that many networks do not carry. */
const HIDDEN_NAME = / [0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.local /i

/** Characters. Real candidates have about 120. */
const CANDIDATE_CHARS_MAX = 1024

/** Strips the IPv4-in-IPv6 prefix and the zone from an address as a socket tells it. */
export const plainAddress = (address: string | undefined): string =>
  (address ?? '').replace(/^::ffff:(?=\d)/i, '').replace(/%.*$/, '')

export const isLoopback = (address: string): boolean => address === '::1' || address.startsWith('127.')

/**
 * Returns the address at which the receiver can reach the sender, as far as the hub knows: where the sender's socket
 * comes from. The desktop's own window comes over loopback; there it is the address that the receiver dialled.
 */
function reachable(sender: Route, receiver: Route): string | null {
  const address = isLoopback(sender.remote) ? receiver.local : sender.remote
  return address === '' || isLoopback(address) ? null : address
}

/**
 * Copies a relayed candidate with the sender's address in the open; null when there is nothing to add. The copy
 * goes after the original and never instead of it: where names do resolve, the original may be the better way.
 */
export function candidateCopy(payload: unknown, sender: Route, receiver: Route): Candidate | null {
  // Most of what passes is none, and looking closely at it is not free.
  if (typeof payload !== 'object' || payload === null || !('candidate' in payload)) return null
  const parsed = v.safeParse(Candidate, payload)
  if (!parsed.success) return null
  const { candidate, ...rest } = parsed.output
  const address = reachable(sender, receiver)
  if (address === null || candidate.length > CANDIDATE_CHARS_MAX || !HIDDEN_NAME.test(candidate)) return null
  return { ...rest, candidate: candidate.replace(HIDDEN_NAME, ` ${address} `) }
}
