import { adapterKind } from '#hub/adapters.ts'
import type { Firewall, Known, Neighbour, Route, SystemFacts } from './evidence.ts'
import { FAR_AWAY, readOut, runTool, type Asked, type Probe, type Run } from './probe.ts'

const SOCKET_FILTER = '/usr/libexec/ApplicationFirewall/socketfilterfw'

/** Reads `arp -an`. Entries stay for twenty minutes, so one with an address is no answer of now. */
export function macNeighbours(text: string): Neighbour[] {
  const rows = [...text.matchAll(/\((\d+(?:\.\d+){3})\) at (\S+)/g)]
  return rows
    .map(([, address = '', hardware = '']) => ({ address, hardware }))
    .filter(({ address, hardware }) => Number(address.split('.')[0]) < 224 && hardware !== 'ff:ff:ff:ff:ff:ff')
    .map(({ address, hardware }) => ({ address, answers: hardware === '(incomplete)' ? 'no' : 'old' }))
}

/** Reads a field of `route -n get`. */
export const routeField = (text: string, name: 'interface' | 'gateway'): string | null =>
  new RegExp(`^\\s*${name}: (\\S+)`, 'm').exec(text)?.[1] ?? null

/**
 * Reads what the application firewall says. It calls any program permitted that it has never heard of, so only its
 * "blocked" is believed; and words that are not known leave it unknown.
 */
export function macFirewall(state: string, blockAll: string, app: string): Known<Firewall> {
  if (/State = 0|is disabled/i.test(state)) return { is: { inbound: 'open' } }
  if (!/State = [12]|is enabled/i.test(state)) return { unknown: 'no-answer' }
  if (state.includes('State = 2') || /set to enabled|block all (?:is on|enabled)/i.test(blockAll))
    return { is: { inbound: 'shut', program: 'mac', why: 'block-all' } }
  if (/\bblocked\b/i.test(app)) return { is: { inbound: 'shut', program: 'mac', why: 'block-rule' } }
  return { unknown: 'not-told' }
}

/** Asks macOS. The name of a Wi-Fi is told to no program without the right to know where the computer is. */
export class MacProbe implements Probe {
  readonly #run: Run

  constructor(run = runTool) {
    this.#run = run
  }

  async look({ adapter, program }: Asked): Promise<SystemFacts> {
    const [route, gateway, firewall] = await Promise.all([
      this.#route(),
      this.#gateway(adapter),
      this.#firewall(program),
    ])
    const neighbours = await this.#askedOf('is' in gateway ? gateway.is : null)
    return { route, gateway, firewall, neighbours, names: { unknown: 'not-told' } }
  }

  async #route(): Promise<Known<Route | null>> {
    const ran = await this.#run('route', ['-n', 'get', FAR_AWAY])
    if ('code' in ran && ran.code !== 0) return { is: null }
    return readOut(ran, (out) => {
      const adapter = routeField(out, 'interface')
      return adapter === null ? null : { adapter, kind: adapterKind(adapter) }
    })
  }

  async #gateway(adapter: string | null): Promise<Known<string | null>> {
    if (adapter === null) return { is: null }
    const ran = await this.#run('route', ['-n', 'get', '-ifscope', adapter, 'default'])
    if ('unknown' in ran) return ran
    const gateway = ran.code === 0 ? routeField(ran.out, 'gateway') : null
    return { is: gateway !== null && /^[\d.]+$/.test(gateway) ? gateway : null }
  }

  async neighbours(): Promise<Known<readonly Neighbour[]>> {
    return readOut(await this.#run('arp', ['-an']), macNeighbours)
  }

  /** Asks the router first, which else is in the table as one that may be gone. */
  async #askedOf(gateway: string | null): Promise<Known<readonly Neighbour[]>> {
    const echo = gateway === null ? null : await this.#run('/sbin/ping', ['-c', '1', '-t', '1', gateway])
    const hasAnswered = echo !== null && 'code' in echo && echo.code === 0
    const known = await this.neighbours()
    if (!('is' in known) || !hasAnswered || gateway === null) return known
    return { is: [...known.is.filter(({ address }) => address !== gateway), { address: gateway, answers: 'yes' }] }
  }

  async #firewall(program: string): Promise<Known<Firewall>> {
    const asks = [['--getglobalstate'], ['--getblockall'], ['--getappblocked', program]]
    const [state, all, app] = await Promise.all(asks.map((args) => this.#run(SOCKET_FILTER, args)))
    const said = (ran = app): string => (ran !== undefined && 'out' in ran ? ran.out : '')
    if (state !== undefined && 'unknown' in state) return state
    return macFirewall(said(state), said(all), said(app))
  }
}
