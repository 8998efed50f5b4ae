import { HUB_PORT } from '#protocol/limits.ts'
import type { Examination } from '#electron/window-api.ts'

export type Evidence = Examination['evidence']
export type Place = Evidence['places'][number]

/** Makes the evidence of a computer at one place, on a network of this name, where nobody has come and nothing is wrong. */
export const nobodyAt = (place: Place, network: string): Evidence => ({
  places: [place],
  names: { is: { [place.adapter]: network } },
  hasLinkLocal: false,
  code: { address: place.address, port: HUB_PORT, isGiven: false },
  redrawnAgo: null,
  isStuck: false,
  listened: 12_000,
  foreign: 0,
  visits: { knocks: 0, knockAgo: null, pageAgo: null, pairedAgo: null, refusedAgo: null, refused: '', fullAgo: null },
  clockSet: null,
  phones: { here: 0, connecting: 0, away: 0 },
  route: { is: { adapter: place.adapter, kind: place.kind } },
  gateway: { is: 'answers' },
  firewall: { is: { inbound: 'none-found' } },
})
