import * as v from 'valibot'
import { adapterKind, systemKind } from '#hub/adapters.ts'
import type { Known, Neighbour, Route, SystemFacts } from './evidence.ts'
import { linuxFirewall, readText } from './linux-firewall.ts'
import { FAR_AWAY, readOut, runTool, type Asked, type Probe, type Run } from './probe.ts'

const Routes = v.array(v.object({ dev: v.optional(v.string()), gateway: v.optional(v.string()) }))
const Neighbours = v.array(v.object({ dst: v.string(), state: v.optional(v.array(v.string()), []) }))

/** States of the kernel's table (ip-neighbour(8)); what is not here has not answered. */
const ANSWERS: Readonly<Record<string, Neighbour['answers']>> = {
  REACHABLE: 'yes',
  PERMANENT: 'yes',
  STALE: 'old',
  DELAY: 'old',
  PROBE: 'old',
  INCOMPLETE: 'asked',
}

/** ip(8): what was asked for is not there, such as a way to that address. */
const NOT_THERE = 2

/** Parses the JSON of iproute2, which an `ip` without it (busybox) does not write. Null where it is none. */
function parsed<S extends v.GenericSchema>(schema: S, text: string): v.InferOutput<S> | null {
  try {
    // Some versions write nothing at all for an empty list.
    return v.parse(schema, JSON.parse(text.trim() || '[]'))
  } catch {
    return null
  }
}

/** Reads `ip -j neigh`. */
export const neighboursOf = (text: string): readonly Neighbour[] | null =>
  parsed(Neighbours, text)?.map(({ dst, state }) => ({ address: dst, answers: ANSWERS[state[0] ?? ''] ?? 'no' })) ??
  null

/** Reads `ip -j route`. Of a list for one adapter it leaves the adapter out. */
export const routesOf = (text: string): v.InferOutput<typeof Routes> | null => parsed(Routes, text)

/** Reads `nmcli -t`, which puts a backslash before a colon of a name. */
export function connectionNames(text: string): Record<string, string> {
  const rows = text.split('\n').map((line) => /^((?:\\.|[^:\\])*):(.+)$/.exec(line))
  const plain = (part = ''): string => part.replaceAll(/\\(.)/g, '$1')
  return Object.fromEntries(rows.flatMap((row) => (row === null ? [] : [[plain(row[1]), plain(row[2])]])))
}

/** Asks Linux, by iproute2, NetworkManager and what firewalls leave readable. */
export class LinuxProbe implements Probe {
  readonly #run: Run
  readonly #read: typeof readText

  constructor(run = runTool, read = readText) {
    this.#run = run
    this.#read = read
  }

  async look(asked: Asked): Promise<SystemFacts> {
    const [route, gateway, neighbours, names, firewall] = await Promise.all([
      this.#route(),
      this.#gateway(asked.adapter),
      this.neighbours(),
      this.#run('nmcli', ['-t', '-f', 'DEVICE,CONNECTION', 'device', 'status']),
      linuxFirewall(asked, this.#run, this.#read),
    ])
    return { route, gateway, firewall, neighbours, names: readOut(names, connectionNames) }
  }

  async neighbours(): Promise<SystemFacts['neighbours']> {
    return readOut(await this.#run('ip', ['-4', '-j', 'neigh', 'show']), neighboursOf)
  }

  async #route(): Promise<Known<Route | null>> {
    const ran = await this.#run('ip', ['-j', 'route', 'get', FAR_AWAY])
    if ('code' in ran && ran.code === NOT_THERE) return { is: null }
    return readOut(ran, (out) => {
      const adapter = routesOf(out)?.[0]?.dev
      return adapter === undefined ? null : { adapter, kind: adapterKind(adapter, {}, systemKind(adapter)) }
    })
  }

  async #gateway(adapter: string | null): Promise<Known<string | null>> {
    if (adapter === null) return { is: null }
    const ran = await this.#run('ip', ['-4', '-j', 'route', 'show', 'default', 'dev', adapter])
    const routes = readOut(ran, routesOf)
    return 'is' in routes ? { is: routes.is.find(({ gateway }) => gateway !== undefined)?.gateway ?? null } : routes
  }
}
