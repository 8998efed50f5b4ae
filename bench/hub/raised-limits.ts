import type { HubLimits } from '#hub/limits.ts'

const PLENTY = 1_000_000

/** The shipped limits are for one household; they would refuse this bench. Everything else is as shipped. */
export const RAISED_LIMITS = {
  connections: PLENTY,
  connectionsPerAddress: PLENTY,
  requestsPerConnection: PLENTY,
  guests: PLENTY,
  guestsPerAddress: PLENTY,
  packetsPerSecond: PLENTY,
  packetsBurst: PLENTY,
} as const satisfies Partial<HubLimits>
