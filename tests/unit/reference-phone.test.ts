import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { urlHost } from '#protocol/networks.ts'
import { decodeFrame } from '#protocol/frames.ts'

/** The reference phones run the vectors, keep to the limits, and say in one line what is wrong with their start. */

type Bytes = Buffer
interface Secrets {
  readLink(text: string): { url: string; uid: string; key: Bytes }
  prove(secret: object, nonce: Bytes, challenge: Bytes, socketId: string): { own: Bytes; hub: Bytes; session: { transcript: Bytes; key: Bytes } } // prettier-ignore
  offerMac(session: object, sdp: string): Bytes
  answerMac(session: object, offer: Bytes, sdp: string): Bytes
  confirmMac(session: object, type: 0 | 1, local: string, remote: string): Bytes
}
interface Blocks {
  encodePart(n: number, block: number, offset: number, payload: Bytes): Bytes
  decodePart(bytes: Bytes): object
  rootOf(size: number, hashes: readonly string[]): string
}
interface Page {
  readonly list: readonly { readonly id: string }[]
  readonly cursor: string
  readonly more: boolean
}
interface Records {
  Shelf: new () => { put(record: object): void; page(since: string): Page }
}
interface Names {
  safeName(offered: string): string
  withoutInvisible(text: string): string
}
/** Plain JavaScript, as an example is: the compiler is not to look into it. */
const load = (name: string): Promise<unknown> => import(new URL(`../reference-phone/${name}.mjs`, import.meta.url).href)
const secrets = (await load('secrets')) as Secrets
const blocks = (await load('blocks')) as Blocks
const names = (await load('names')) as Names
const { Shelf } = (await load('records')) as Records

const vectors = (name: string): Record<string, Record<string, string & number & string[]>[]> =>
  JSON.parse(readFileSync(new URL(`../../protocol/vectors/${name}.json`, import.meta.url), 'utf8')) as never
const bytes = (hex: string): Bytes => Buffer.from(hex, 'hex')

const program = (name: string): string => fileURLToPath(new URL(`../reference-phone/${name}.mjs`, import.meta.url))

describe.each(['smallest', 'phone'])('%s, started wrongly', (name) => {
  test.each([
    ['half a link', ['http://192.168.1.20:3186/#2.AAEC'], /^not a pairing link/],
    ['an unknown option', ['--sned', 'x'], /^Unknown option '--sned'/],
    ['a file that is no kept key', ['--state', program(name)], /has no key that was kept here/],
  ])('%s: one line, and no more', (_, options, line) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program(name), ...options], { encoding: 'utf8' })
    expect([status, stdout, stderr.trimEnd().split('\n').length]).toEqual([2, '', 1])
    expect(stderr).toMatch(line)
  })
})

describe('names', () => {
  const { joiners = [], landing = [], refused = [] } = vectors('names')
  test.each(joiners)('$text', ({ text, kept }) => {
    expect(names.withoutInvisible(text!)).toBe(kept)
  })

  const short = landing.filter(
    ({ name, lands }) => String(name).length < 60 && !/^(?:con|aux|nul|lpt|com)/iu.test(lands!),
  )
  test.each(short)('$name', ({ name, lands }) => {
    expect(names.safeName(name!)).toBe(lands)
  })

  test.each(refused.filter(({ path, name }) => JSON.stringify(path) === '[]' && String(name).length < 4_000))(
    '$name',
    ({ name }) => {
      expect(() => names.safeName(name!)).toThrow('a path')
    },
  )
})

describe('secrets', () => {
  const { proofs = [], bindings = [] } = vectors('trust')
  test.each(proofs.filter(({ role, caps }) => Number(role) === 1 && String(caps) === ''))(
    'proof of $socketId',
    (row) => {
      const secret = { uid: row['uid'], kid: bytes(row['kid']!), key: bytes(row['key']!) }
      const made = secrets.prove(secret, bytes(row['clientNonce']!), bytes(row['hubNonce']!), row['socketId']!)
      const { transcript, key } = made.session
      const hex = [made.own, made.hub, transcript, key].map((one) => one.toString('hex'))
      expect(hex).toEqual([row['client'], row['hub'], row['sessionId'], row['sessionKey']])
    },
  )

  test.each(bindings)('binding of $sessionId', (row) => {
    const session = { transcript: bytes(row['sessionId']!), key: bytes(row['sessionKey']!) }
    const [offer, answer] = [row['offer']!, row['answer']!]
    const mac = secrets.offerMac(session, offer)
    const made = [mac, secrets.answerMac(session, mac, answer), secrets.confirmMac(session, 1, offer, answer), secrets.confirmMac(session, 0, answer, offer)] // prettier-ignore
    const expected = ['offerMac', 'answerMac', 'channelOfApp', 'channelOfWeb'].map((name) => row[name])
    expect(made.map((one) => one.toString('hex'))).toEqual(expected)
  })

  test.each(vectors('links')['same']!)('link $text', ({ text, uid, key, address, port }) => {
    const link = secrets.readLink(text!)
    expect([link.url, link.uid, link.key.toString('hex')]).toEqual([`http://${urlHost(address!)}:${port}`, uid, key])
  })
})

describe('blocks', () => {
  test.each(vectors('parts')['same']!)('part $bytes', ({ n, block, offset, payload, bytes: whole }) => {
    expect(blocks.encodePart(n!, block!, offset!, bytes(payload!)).toString('hex')).toBe(whole)
    expect(blocks.decodePart(bytes(whole!))).toEqual({ n, block, offset, payload: bytes(payload!) })
  })

  test.each(vectors('roots')['same']!)('root of $file', ({ size, blocks: hashes, root }) => {
    expect(blocks.rootOf(size!, hashes!)).toBe(root)
  })
})

test('its pages are frames, with the longest records too, and bring each record once', () => {
  const shelf = new Shelf()
  for (let i = 0; i < 1_200; i++) {
    const text = i % 300 === 0 ? '\u0001'.repeat(32_768) : 'x'
    shelf.put({ id: `r${i}`, kind: 'note', title: '\u0001'.repeat(512), text, modified: i })
  }
  const ids: string[] = []
  for (let page: Page = { list: [], cursor: '', more: true }; page.more;) {
    page = shelf.page(page.cursor)
    decodeFrame(JSON.stringify(page))
    ids.push(...page.list.map(({ id }) => id))
  }
  expect([ids.length, new Set(ids).size]).toEqual([1_200, 1_200])
})
