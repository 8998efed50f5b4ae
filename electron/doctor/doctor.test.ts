import { expect, test } from 'vitest'
import { HUB_PORT } from '#protocol/limits.ts'
import { Doctor, type DoctorOptions, type Own } from './doctor.ts'
import type { Neighbour, SystemFacts } from './evidence.ts'
import type { Asked, Probe } from './probe.ts'
import { LISTEN_MS } from './verdict.ts'
import { Witness } from './witness.ts'

const OWN: Own = {
  code: { address: '192.168.1.7', port: HUB_PORT, isGiven: false },
  isStuck: false,
  phones: { here: 0, connecting: 0, away: 0 },
}
const INTERFACES: ReturnType<NonNullable<DoctorOptions['interfaces']>> = {
  lan0: [{ address: '192.168.1.7', family: 'IPv4', internal: false, netmask: '255.255.255.0' }],
  lan1: [{ address: '10.0.3.7', family: 'IPv4', internal: false, netmask: '255.255.0.0' }],
}
const FACTS: SystemFacts = {
  route: { is: { adapter: 'lan0', kind: 'real' } },
  gateway: { is: '192.168.1.1' },
  neighbours: { is: [] },
  firewall: { is: { inbound: 'none-found' } },
  names: { unknown: 'no-tool' },
}
const at = (address: string, answers: Neighbour['answers'] = 'yes'): Neighbour => ({ address, answers })

/** A computer whose clock and neighbours are the test's. */
function computer({ isLight = true, isReal = true } = {}) {
  const state = { now: 1_000_000, facts: FACTS, own: OWN, interfaces: INTERFACES }
  const asked: Asked[] = []
  const touched: string[] = []
  let questions = 0
  const probe: Probe = {
    ...(isLight && { neighbours: () => Promise.resolve(state.facts.neighbours) }),
    look: (what) => {
      asked.push(what)
      return Promise.resolve(state.facts)
    },
  }
  const now = (): number => state.now
  const witness = new Witness(now)
  witness.drawn(OWN.code.address)
  const doctor = new Doctor({
    ...{ witness, now, clock: { lastSet: null }, program: '/opt/lanyard', probe: isReal ? probe : null },
    own: () => state.own,
    askNeighbours: () => questions++,
    interfaces: () => state.interfaces,
    touch: (address) => touched.push(address),
  })
  const neighbours = (...all: readonly Neighbour[]): void => {
    state.facts = { ...FACTS, neighbours: { is: all } }
  }
  return { state, asked, touched, witness, doctor, neighbours, questions: () => questions }
}

test('asks the system about the adapter of the code, and not again while the answer is fresh', async () => {
  const { state, asked, doctor } = computer()
  await doctor.examine()
  state.now += 500
  await doctor.examine()
  expect(asked).toEqual([{ adapter: 'lan0', port: HUB_PORT, program: '/opt/lanyard' }])
  state.own = { ...OWN, code: { ...OWN.code, address: '10.0.3.7' } }
  await doctor.examine()
  expect(asked.at(-1)?.adapter).toBe('lan1')
  state.now += 2_000
  await doctor.examine()
  expect(asked).toHaveLength(3)
})

test('looks that come at once share one question', async () => {
  const { asked, doctor } = computer()
  await Promise.all([doctor.examine(), doctor.examine()])
  expect(asked).toHaveLength(1)
})

test('a system that is slow to ask is not asked at the start, and seldom after', async () => {
  const { state, asked, doctor } = computer({ isLight: false })
  await doctor.begin()
  expect(asked).toHaveLength(0)
  await doctor.examine()
  state.now += 10_000
  await doctor.examine()
  expect(asked).toHaveLength(1)
})

test('counts others at the address whose network they are of: not the router, not this computer', async () => {
  const { witness, doctor, neighbours } = computer()
  neighbours(at('192.168.1.1'), at('192.168.1.20', 'old'), at('10.0.200.5'), at('192.168.1.30', 'no'), at('192.168.1.31', 'asked')) // prettier-ignore
  for (const address of [
    '192.168.1.7',
    '192.168.1.1',
    '192.168.1.20',
    '192.168.1.21',
    '10.0.3.8',
    '172.16.0.1',
    'fe80::1',
  ])
    witness.heard(address)
  const { evidence } = await doctor.examine()
  expect(evidence.places).toMatchObject([
    { address: '192.168.1.7', heard: 2, answering: 1, newcomers: 0 },
    { address: '10.0.3.7', heard: 1, answering: 1, newcomers: 0 },
  ])
  expect(evidence.foreign).toBe(1)
})

test('tells who came after the start from who was there', async () => {
  const { state, asked, doctor, neighbours } = computer()
  neighbours(at('192.168.1.20'))
  await doctor.begin()
  expect(asked).toEqual([])
  state.now += 60_000
  neighbours(at('192.168.1.20'), at('192.168.1.21', 'old'))
  expect((await doctor.examine()).evidence.places[0]).toMatchObject({ answering: 2, newcomers: 1 })
})

test('listens to others anew when nobody has looked for a while, and asks them now and then', async () => {
  const { state, doctor, questions } = computer()
  expect((await doctor.examine()).evidence.listened).toBe(0)
  for (let i = 0; i < 6; i++) {
    state.now += 2_000
    await doctor.examine()
  }
  expect((await doctor.examine()).evidence.listened).toBe(12_000)
  expect(questions()).toBe(2)
  state.now += 60_000
  const { verdict, evidence } = await doctor.examine()
  expect(evidence.listened).toBe(0)
  expect(verdict).toEqual({ cause: null, why: 'too-early' })
})

test('has the router asked, and believes what it did last while it is asked again', async () => {
  const { state, touched, doctor, neighbours } = computer()
  const router = async (answers: Neighbour['answers'] | null): Promise<unknown> => {
    neighbours(...(answers === null ? [] : [at('192.168.1.1', answers)]))
    state.now += 2_000
    return (await doctor.examine()).evidence.gateway
  }
  expect(await router(null)).toEqual({ unknown: 'not-yet' })
  expect(touched).toEqual(['192.168.1.1'])
  expect(await router('old')).toEqual({ unknown: 'not-yet' })
  expect(await router('yes')).toEqual({ is: 'answers' })
  expect(await router('old')).toEqual({ is: 'answers' })
  expect(await router('no')).toEqual({ is: 'silent' })
  expect(await router('asked')).toEqual({ is: 'silent' })
  state.now += 60_000
  expect(await router('asked')).toEqual({ unknown: 'not-yet' })
  state.facts = { ...FACTS, gateway: { is: null } }
  state.now += 2_000
  expect((await doctor.examine()).evidence.gateway).toEqual({ is: 'none' })
})

test('what happened at another address is forgotten, and that the code was drawn anew is not', async () => {
  const { state, witness, doctor } = computer()
  witness.visited('connection')
  witness.visited('page')
  state.now += 5_000
  expect((await doctor.examine()).evidence.visits).toMatchObject({ knocks: 1, knockAgo: 5_000, pageAgo: 5_000 })
  witness.drawn('10.0.3.7')
  state.own = { ...OWN, code: { ...OWN.code, address: '10.0.3.7' } }
  state.now += 1_000
  const { evidence, verdict } = await doctor.examine()
  expect(evidence.visits).toEqual({ knocks: 0, knockAgo: null, pageAgo: null, pairedAgo: null, refusedAgo: null, refused: '', fullAgo: null }) // prettier-ignore
  expect(evidence.redrawnAgo).toBe(1_000)
  expect(verdict).toEqual({ cause: 'redrawn', confidence: 'likely' })
})

test('remembers a bounded number of others, those heard last', () => {
  const { state, witness } = computer()
  for (let i = 0; i < 2_000; i++) witness.heard(`10.1.${i >> 8}.${i & 255}`)
  expect(witness.lately.length).toBeLessThan(1_000)
  expect(witness.lately).toContain('10.1.7.207')
  state.now += 3_600_000
  expect(witness.lately).toEqual([])
})

test('a system without a probe: what the program itself knows', async () => {
  const { state, doctor } = computer({ isReal: false })
  await doctor.examine()
  state.now += LISTEN_MS
  expect((await doctor.examine()).verdict).toEqual({ cause: null, why: 'unmeasured' })
  state.interfaces = {}
  state.own = { ...OWN, code: { ...OWN.code, address: null } }
  expect((await doctor.examine()).verdict).toEqual({ cause: 'no-network', confidence: 'sure' })
})

test('an address of IPv6 is a place, of which nothing is said that only IPv4 would tell; a link-local one is none', async () => {
  const { state, doctor, witness, touched } = computer()
  const six = (address: string) => [
    { address, family: 'IPv6' as const, internal: false, netmask: 'ffff:ffff:ffff:ffff::' },
  ]
  state.own = { ...OWN, code: { ...OWN.code, address: 'fd00::7' } }
  state.interfaces = { lan0: [...six('fe80::1'), ...six('fd00::7')] }
  witness.heard('192.168.1.9')
  const { evidence } = await doctor.examine()
  expect(evidence.places).toMatchObject([{ address: 'fd00::7', heard: 0, answering: 0, newcomers: 0 }])
  expect(evidence).toMatchObject({ gateway: { unknown: 'not-told' }, hasLinkLocal: true, foreign: 1 })
  expect(touched).toEqual([])

  state.own = { ...OWN, code: { ...OWN.code, address: null } }
  state.interfaces = { lan0: six('fe80::1'), tun0: six('fe80::2') }
  expect((await doctor.examine()).verdict).toEqual({ cause: 'link-local', confidence: 'sure' })
  state.interfaces = { tun0: six('fe80::2') }
  expect((await doctor.examine()).verdict).toEqual({ cause: 'no-network', confidence: 'sure' })
})
