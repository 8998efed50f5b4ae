import { CANDIDATES_MAX } from '#protocol/limits.ts'
import { isInAny, LOOPBACK_NETWORKS, NEAR_NETWORKS } from '#protocol/networks.ts'

/** The port below which systems keep their own services. No browser takes one of them for a connection. */
const FREE_PORTS_FROM = 1024
/** Where clouds keep the secrets of a machine, at addresses that look like a neighbour's. */
const METADATA = ['169.254.169.254/32', 'fd00:ec2::/32']

const HIDDEN_NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\.local$/i

/** `candidate:<foundation> <component> <transport> <priority> <address> <port> ...` (RFC 8839, section 5.1) */
const CANDIDATE = /^(?:a=)?candidate:\S+ \d+ (\S+) \d+ (\S+) (\d{1,5})(?: |$)/i

/**
 * Which of a phone's candidates the window lets near its connection. A candidate makes this computer send packets to
 * an address that somebody else has chosen: it goes to neighbours only, not to services of this computer or of the
 * network. One for each offer, of whose candidates it takes CANDIDATES_MAX, in the description and after it.
 */
export class NearCandidates {
  readonly #loopback: boolean
  readonly #networks: readonly string[]
  #left = CANDIDATES_MAX

  /** `loopback`: peers on this computer itself are near as well. `networks`: further near ones, as `address/bits`. */
  constructor(loopback: boolean, networks: readonly string[] = []) {
    this.#loopback = loopback
    this.#networks = networks
  }

  takes(candidate: string): boolean {
    return this.#left > 0 && this.#isNear(candidate) && this.#left-- > 0
  }

  /** The description without the candidates in it that are not taken. */
  clean(sdp: string): string {
    const lines = sdp.split(/(?<=\n)/)
    return lines.filter((line) => !/^a=candidate:/i.test(line) || this.takes(line.trim())).join('')
  }

  #isNear(candidate: string): boolean {
    const [, transport = '', address = '', port = ''] = CANDIDATE.exec(candidate) ?? []
    const isFree = Number(port) >= FREE_PORTS_FROM && Number(port) <= 65_535
    // By TCP this computer could be made to knock at any service of the network; peers of ours do not need it.
    return transport.toLowerCase() === 'udp' && isFree && this.#isNeighbour(address)
  }

  #isNeighbour(address: string): boolean {
    // A hidden name leads wherever who answers for it says: to this computer itself, to the internet. The hub's copy has
    // the address in the open; it has none where both are on this computer.
    if (HIDDEN_NAME.test(address) || isInAny(address, LOOPBACK_NETWORKS)) return this.#loopback
    // Beside those that are near to all, as the hub has them for its peers: those of this computer's adapters.
    return !isInAny(address, METADATA) && isInAny(address, [...NEAR_NETWORKS, ...this.#networks])
  }
}
