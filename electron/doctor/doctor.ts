import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os'
import type { AddressChoice } from '#hub/address-choice.ts'
import { isLinkLocal, listAddresses } from '#hub/addresses.ts'
import { adapterKind, systemKind } from '#hub/adapters.ts'
import { isIn, isIpv6, prefixOf } from '#protocol/networks.ts'
import type { ClockWatch } from './clock-watch.ts'
import type { Evidence, Examination, Known, Neighbour, SystemFacts } from './evidence.ts'
import { LinuxProbe } from './linux-probe.ts'
import { MacProbe } from './mac-probe.ts'
import { touch, type Asked, type Probe } from './probe.ts'
import { judge } from './verdict.ts'
import { WindowsProbe } from './windows-probe.ts'
import type { Witness } from './witness.ts'

type Interfaces = Readonly<
  Record<string, readonly Pick<NetworkInterfaceInfo, 'address' | 'family' | 'internal' | 'netmask'>[] | undefined>
>

/** What the program knows of itself. */
export type Own = Pick<Evidence, 'code' | 'isStuck' | 'phones'>

export interface DoctorOptions {
  readonly witness: Witness
  readonly clock: Pick<ClockWatch, 'lastSet'>
  readonly own: () => Own
  /** Path of this program. */
  readonly program: string
  /** Asks all who are near, by mDNS, so that they are heard. */
  readonly askNeighbours: () => void
  /** That of this system unless given; null = there is none for it. */
  readonly probe?: Probe | null
  /** ms of a clock that is never set back. */
  readonly now?: () => number
  readonly interfaces?: () => Interfaces
  readonly touch?: (address: string) => void
}

/** ms between two questions to the neighbours while somebody looks. */
const ASK_EVERY_MS = 10_000
/** ms without a look after which a look is the first of new ones, for which others are listened to anew. */
const LEFT_MS = 30_000
/** ms for which what the system said is believed: by its own small programs, and where asking costs seconds. */
const LIGHT_MS = 1_500
const HEAVY_MS = 15_000
/** ms for which what the router did last is believed, while the system asks it again. */
const ROUTER_MS = 30_000

const UNKNOWN: Known<never> = { unknown: 'no-tool' }
const NOTHING: SystemFacts = {
  route: UNKNOWN,
  gateway: UNKNOWN,
  neighbours: UNKNOWN,
  firewall: UNKNOWN,
  names: UNKNOWN,
}

/** Returns the probe of this system; null where there is none. */
function probeHere(): Probe | null {
  if (process.platform === 'linux') return new LinuxProbe()
  if (process.platform === 'darwin') return new MacProbe()
  return process.platform === 'win32' ? new WindowsProbe() : null
}

/** Looks at what keeps phones from this computer, when somebody asks. */
export class Doctor {
  readonly #options: DoctorOptions
  readonly #probe: Probe | null
  readonly #now: () => number
  readonly #interfaces: () => Interfaces
  #facts: { readonly at: number; readonly asked: string; readonly found: Promise<SystemFacts> } | null = null
  /** Who answered at the first look. */
  #first: ReadonlySet<string> | null = null
  /** The last that the router did. */
  #router: { readonly address: string; readonly is: 'answers' | 'silent'; readonly at: number } | null = null
  #lookedAt = -Infinity
  #askedAt = -Infinity
  #listenedSince = 0

  constructor(options: DoctorOptions) {
    this.#options = options
    this.#probe = options.probe === undefined ? probeHere() : options.probe
    this.#now = options.now ?? (() => performance.now())
    this.#interfaces = options.interfaces ?? networkInterfaces
  }

  /**
   * Remembers who is here at the start, so that whoever comes later is told from them. Asks for nothing else, as each program
   * that is started stops this one for 20 ms.
   */
  async begin(): Promise<void> {
    const found = await this.#probe?.neighbours?.()
    if (found !== undefined) this.#remember(found)
  }

  /** Looks, and judges what was seen. Called again and again while somebody reads it. */
  async examine(): Promise<Examination> {
    this.#listen()
    const { own, witness, clock } = this.#options
    const { code, isStuck, phones } = own()
    const facts = await this.#look(code)
    const gateway = this.#gateway(facts, code)
    const { places, foreign } = this.#places(facts)
    const evidence: Evidence = {
      ...{ code, isStuck, phones, gateway, places, foreign },
      names: facts.names,
      hasLinkLocal: this.#hasLinkLocal(),
      redrawnAgo: witness.redrawnAgo,
      listened: Math.round(this.#now() - this.#listenedSince),
      visits: witness.visits,
      clockSet: clock.lastSet,
      route: facts.route,
      firewall: facts.firewall,
    }
    return { evidence, verdict: judge(evidence) }
  }

  #listen(): void {
    const now = this.#now()
    if (now - this.#lookedAt > LEFT_MS) this.#listenedSince = now
    this.#lookedAt = now
    if (now - this.#askedAt < ASK_EVERY_MS) return
    this.#askedAt = now
    this.#options.askNeighbours()
  }

  /** Asks the system, unless it was asked just now, or the answer is still on its way. */
  async #look(code: Evidence['code']): Promise<SystemFacts> {
    if (this.#probe === null) return NOTHING
    const adapter = listAddresses(this.#interfaces()).find(({ address }) => address === code.address)?.adapter ?? null
    const asked: Asked = { adapter, port: code.port, program: this.#options.program }
    const key = JSON.stringify(asked)
    const believed = this.#probe.neighbours !== undefined ? LIGHT_MS : HEAVY_MS
    if (this.#facts?.asked !== key || this.#now() - this.#facts.at > believed)
      this.#facts = { at: this.#now(), asked: key, found: this.#probe.look(asked) }
    const facts = await this.#facts.found
    this.#remember(facts.neighbours)
    return facts
  }

  #remember(neighbours: SystemFacts['neighbours']): void {
    this.#first ??= new Set(answering(neighbours).map(({ address }) => address))
  }

  /** Judges whether the router is there, and has the system ask it for the next look. */
  #gateway({ gateway, neighbours }: SystemFacts, { address: own }: Evidence['code']): Evidence['gateway'] {
    // Systems are asked about that of IPv4 alone.
    if (own !== null && isIpv6(own)) return { unknown: 'not-told' }
    if (!('is' in gateway)) return gateway
    const address = gateway.is
    if (address === null) return { is: 'none' }
    ;(this.#options.touch ?? touch)(address)
    if (!('is' in neighbours)) return neighbours
    const answers = neighbours.is.find((one) => one.address === address)?.answers
    const now = this.#now()
    if (answers === 'yes') this.#router = { address, is: 'answers', at: now }
    if (answers === 'no') this.#router = { address, is: 'silent', at: now }
    const isBelieved = this.#router?.address === address && now - this.#router.at < ROUTER_MS
    return isBelieved && this.#router !== null ? { is: this.#router.is } : { unknown: 'not-yet' }
  }

  #places(facts: SystemFacts): Pick<Evidence, 'places' | 'foreign'> {
    const interfaces = this.#interfaces()
    const addresses = listAddresses(interfaces)
    const gateway = 'is' in facts.gateway ? facts.gateway.is : null
    const isOther = (address: string): boolean =>
      address !== gateway && addresses.every((own) => own.address !== address)
    const heard = this.#options.witness.lately.filter(isOther)
    const answered = answering(facts.neighbours)
      .map(({ address }) => address)
      .filter(isOther)
    const nearOf = ({ adapter, address: own }: AddressChoice): ((address: string) => boolean) => {
      const netmask = interfaces[adapter]?.find(({ address }) => address === own)?.netmask ?? ''
      const network = `${own}/${prefixOf(netmask) ?? ''}`
      return (address) => isIn(address, network)
    }
    const places = addresses.map((choice) => {
      const isNear = nearOf(choice)
      const near = answered.filter(isNear)
      const newcomers = near.filter((address) => this.#first?.has(address) === false).length
      return { ...choice, heard: heard.filter(isNear).length, answering: near.length, newcomers }
    })
    return {
      places,
      foreign: heard.filter((address) => !isIpv6(address) && !addresses.some((choice) => nearOf(choice)(address)))
        .length,
    }
  }

  #hasLinkLocal(): boolean {
    // Tunnels have such an address as well, connected or not.
    return Object.entries(this.#interfaces()).some(
      ([adapter, infos = []]) =>
        adapterKind(adapter, {}, systemKind(adapter)) === 'real' && infos.some(({ address }) => isLinkLocal(address)),
    )
  }
}

const answering = (neighbours: SystemFacts['neighbours']): readonly Neighbour[] =>
  'is' in neighbours ? neighbours.is.filter(({ answers }) => answers === 'yes' || answers === 'old') : []
