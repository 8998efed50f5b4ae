import { expect, test } from '@playwright/test'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { build } from 'vite'
import type { Examination } from '#electron/window-api.ts'
import { Air, type AirOptions } from './air.ts'

const OUT = resolve(import.meta.dirname, '../../test-results/examine')
const NEIGHBOUR = resolve(import.meta.dirname, 'neighbour.mjs')
const ADDRESS = '10.78.0.1'

/** Looks in a row that must say the same for it to be the verdict. */
const SETTLED = 6
/** Looks until there has to be one: half a minute and more of them. */
const LOOKS_MAX = 80

test.beforeAll(async () => {
  await build({
    configFile: false,
    logLevel: 'warn',
    // An optional helper of ws, which is compiled code.
    resolve: { alias: { bufferutil: resolve('electron/hub/ws-unmask.ts') } },
    ssr: { noExternal: true, external: ['utf-8-validate'] },
    build: { ssr: resolve(import.meta.dirname, 'examine.ts'), outDir: OUT, emptyOutDir: true, target: 'node20.18' },
  })
})

/** What the network is like, who talks in it, and what happens once the doctor has begun. */
interface Case {
  readonly air?: AirOptions
  /** Changes the network. Returns the hosts of devices that announce themselves. */
  readonly before?: (air: Air) => readonly string[]
  readonly then?: (air: Air, port: number) => Promise<void>
  readonly verdict: string
}

const knock = (air: Air, port: number): Promise<void> => air.knock(ADDRESS, port)
/** The same, where nobody else is heard. */
const change = (act: (air: Air) => void) => (air: Air) => {
  act(air)
  return []
}

const CASES: Readonly<Record<string, Case>> = {
  'a phone that has not come, among others that are heard': { before: ({ phone }) => [phone], verdict: 'elsewhere' },
  'a phone that comes': { then: knock, verdict: 'open' },
  'inbound TCP is dropped': {
    before: (air) => {
      air.dropTcp()
      return [air.phone]
    },
    then: knock,
    verdict: 'shut',
  },
  'the network keeps devices apart': {
    before: (air) => {
      air.isolate()
      return [air.phone]
    },
    then: knock,
    verdict: 'alone',
  },
  'no multicast gets through': {
    before: (air) => {
      air.dropMdns()
      air.greet(ADDRESS)
      return [air.phone]
    },
    verdict: 'quiet',
  },
  'the phone is of another subnet': {
    air: { phone: '10.79.0.2/24' },
    before: ({ phone }) => [phone],
    verdict: 'other-subnet',
  },
  'the phone is of a network that is refused': {
    air: { phone: '198.51.100.7/24' },
    before: change((air) => {
      air.route(air.desktop, '198.51.100.0/24')
      air.route(air.phone, '10.78.0.0/24')
    }),
    then: knock,
    verdict: 'stranger',
  },
  'the router is dead': {
    before: change((air) => {
      air.silenceRouter()
    }),
    verdict: 'router-silent',
  },
  'a VPN takes all': {
    before: change((air) => {
      air.tunnel()
    }),
    verdict: 'vpn-route',
  },
  'two networks, and the others are on the second': { before: (air) => [air.second()], verdict: 'other-adapter' },
  'no UDP gets through, and a phone that comes': {
    before: (air) => {
      air.dropUdp()
      return [air.phone]
    },
    then: knock,
    verdict: 'open',
  },
  'the address changes after a phone has come': {
    then: async (air, port) => {
      await knock(air, port)
      air.readdress('10.78.0.9/24', '10.78.0.254')
    },
    verdict: 'redrawn',
  },
  'IPv6 alone': {
    air: { desktop: 'fd12:78::1/64', phone: 'fd12:78::2/64', router: 'fd12:78::fe/64' },
    verdict: 'only-ipv6',
  },
  'IPv6 alone, and a phone that comes': {
    air: { desktop: 'fd12:78::1/64', phone: 'fd12:78::2/64', router: 'fd12:78::fe/64' },
    then: (air, port) => air.knock('fd12:78::1', port),
    verdict: 'open',
  },
  'no address but a link-local one': {
    before: change((air) => {
      air.starve()
    }),
    verdict: 'link-local',
  },
  'no network': {
    before: change((air) => {
      air.unplug()
    }),
    verdict: 'no-network',
  },
  'an address of a carrier': { air: { desktop: '100.70.0.1/24', router: '100.70.0.254/24' }, verdict: 'unusual-range' },
}

/** Lets the doctor look at a network until it keeps to a verdict. Returns that, and every cause that it has named. */
async function examine({ air: options, before, then }: Case): Promise<{ verdict: string; causes: string[] }> {
  const air = new Air(options)
  const children: ChildProcess[] = []
  const start = (host: string, script: string): ChildProcess => {
    const child = spawn(...air.on(host, process.execPath, [script]), { stdio: ['ignore', 'pipe', 'inherit'] })
    children.push(child)
    return child
  }
  try {
    // Their first line: from now on they are heard.
    for (const host of before?.(air) ?? []) await once(start(host, NEIGHBOUR).stdout!, 'data')
    return await settle(start(air.desktop, resolve(OUT, 'examine.js')).stdout!, async (port) => then?.(air, port))
  } finally {
    for (const child of children) child.kill('SIGKILL')
    air.remove()
  }
}

async function settle(
  lines: Readable,
  then: (port: number) => Promise<void>,
): Promise<{ verdict: string; causes: string[] }> {
  const looks: string[] = []
  const causes = new Set<string>()
  let happening: Promise<void> | null = null
  let happenedAt = Infinity
  for await (const line of createInterface({ input: lines })) {
    const { verdict, port, at } = JSON.parse(line) as Examination & { port: number; at: number }
    happening ??= then(port).then(() => {
      happenedAt = Date.now()
    })
    // Of a busy machine a line may be read long after the look that it tells of.
    if (at <= happenedAt) continue
    looks.push(verdict.cause ?? verdict.why)
    if (verdict.cause !== null) causes.add(verdict.cause)
    const last = looks.slice(-SETTLED)
    const isSettled = last.length === SETTLED && new Set(last).size === 1 && last[0] !== 'too-early'
    if (isSettled || looks.length >= LOOKS_MAX) break
  }
  return { verdict: looks.at(-1) ?? '', causes: [...causes] }
}

test('each network has its one verdict, and never that of another', async () => {
  // Each takes away what it has made, also where another one fails.
  const seen = await Promise.all(
    Object.entries(CASES).map(async ([name, one]) => [name, await examine(one).catch(String)] as const),
  )
  const wanted = Object.entries(CASES).map(([name, { verdict }]) => {
    const causes = verdict === 'quiet' ? [] : [verdict]
    return [name, { verdict, causes }] as const
  })
  expect(Object.fromEntries(seen)).toEqual(Object.fromEntries(wanted))
})
