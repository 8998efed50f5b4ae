import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test, vi } from 'vitest'
import { bytesFrom, toBase64Url } from '#protocol/base64url.ts'
import { answerMac, channelMac, offerMac } from '#protocol/binding.ts'
import { parseLink } from '#protocol/pairing.ts'
import { kidOfLink, proofsOf, type SessionKey } from '#protocol/proof.ts'
import { primitives } from '#hub/node-crypto.ts'
import { must } from '../conformance/checks.ts'
import { ANSWER_MS } from '../conformance/conversation.ts'
import { Desk } from '../conformance/desk.ts'
import { CommandDriver } from '../conformance/drivers.ts'
import { SentFile, TakenFile } from '../conformance/files.ts'
import { PhoneStage } from '../conformance/phone-stage.ts'

/**
 * protocol/sample-session.md is a session of the smallest app as it went over the wire. This makes a fresh one, and compares
 * the two; `npm run sample-session` writes the file anew.
 */

const FILE = resolve('protocol/sample-session.md')
const LIMIT_MS = 400_000

interface Line {
  readonly way: string
  readonly event: string
  readonly data?: Record<string, unknown>
}

/** The session: from the link to a file each way, and a return without the code. */
async function record(): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-sample-'))
  const log = join(folder, 'log')
  const preload = pathToFileURL(resolve('tests/support/record-session.mjs')).href
  const command = `"${process.execPath}" --import "${preload}" tests/reference-phone/smallest.mjs "{link}" --inbox "{folder}/received"`
  process.env['RECORD'] = log
  const desk = await Desk.open('127.0.0.1')
  const driver = new CommandDriver(process.platform === 'win32' ? command : `exec ${command}`)
  const stage = new PhoneStage(desk, driver, true)
  try {
    const on = await stage.connected()
    await driver.send(Buffer.from('Hello from the phone\n'))
    const taken = new TakenFile(await on.next('offer'))
    taken.accept(on)
    await taken.finish(on)
    await new SentFile(stage.nextN(), 'from-the-computer.txt', Buffer.from('Hello from the computer\n')).deliver(on)
    await stage.returned()
    // The computer has heard all it waits for; the phone may still be on its way to hear the computer's last frame.
    const lines = await vi.waitFor(
      async () => {
        const heard = await written(log)
        expect(heard.filter(isLastFrame)).toHaveLength(2)
        return heard
      },
      { timeout: ANSWER_MS, interval: 50 },
    )
    return [{ way: 'on the screen', event: 'link', data: { link: stage.link } }, ...lines.filter(isShown)]
  } finally {
    await stage.leave()
    await desk.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/** The computer's `hello` ends each of the two greetings. */
const isLastFrame = ({ way, data }: Line): boolean => way === 'computer to phone' && data?.['t'] === 'hello'

/** The lines that the phone has written down so far. */
const written = async (log: string): Promise<readonly Line[]> =>
  (await readFile(log, 'utf8'))
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line)

/** Candidates come in whatever number and order; so do pings. */
const isShown = ({ data }: Line): boolean => data?.['type'] !== 'candidate' && data?.['t'] !== 'ping'

const shown = (lines: readonly Line[]): string =>
  lines
    .map(({ way, event, data }) => `**${way}**, ${event}\n\n\`\`\`json\n${JSON.stringify(data ?? null)}\n\`\`\``)
    .join('\n\n')

const PROSE = `<!-- Made by npm run sample-session; a test compares it with a fresh one. -->

# A sample session

The smallest app (README.md, section 8) and a computer, from the link to a file each way, and a return without the code: all that went over the wire, in the order in
which the app said and heard it. Candidates and \`ping\` are left out. Binary messages of the channel are \`bytes\`, in hex. With the key of the link every proof and
every mac here can be computed again, which a test does.
`

/** The lines of the file. */
const read = (text: string): readonly Line[] =>
  [...text.matchAll(/\*\*(.+?)\*\*, (.+)\n\n```json\n(.+)\n```/g)].map(([, way = '', event = '', json = '']) => {
    const data = JSON.parse(json) as Record<string, unknown> | null
    return { way, event, ...(data !== null && { data }) }
  })

/** What is another one each time stands as what it is. */
function general(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(general)
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [name, name === 'mtime' ? 'a time' : general(one)]),
    )
  if (typeof value !== 'string') return value
  if (value.startsWith('v=0')) return 'a description'
  if (value.startsWith('http')) return 'a link'
  if (/^[\w-]{43}$/.test(value)) return '32 bytes'
  if (/^[\w-]{22}$/.test(value)) return '16 bytes'
  if (/^[\w-]{11}$/.test(value)) return '8 bytes'
  if (/^[\w-]{20}$/.test(value)) return 'a socket id'
  if (/^[0-9a-f]{32}$/.test(value)) return 'an id'
  return value
}

/** What each way said, in its order: between two ways there is none. */
const byWay = (lines: readonly Line[]) => {
  const shown = lines.map((line) => ({ ...line, data: general(line.data ?? null) }))
  return Object.fromEntries(
    [...new Set(lines.map(({ way }) => way))].map((one) => [one, shown.filter(({ way }) => way === one)]),
  )
}

/** Computes proofs and macs of all registrations and channels again, from the link. */
function verify(lines: readonly Line[]): number {
  const link = parseLink(String(lines[0]?.data?.['link']))!
  let key = { kid: kidOfLink(primitives, link.key), key: link.key }
  const last: Record<string, Record<string, unknown>> = {}
  let session: SessionKey | null = null
  let count = 0
  const same = (mac: unknown, expected: Uint8Array): void => {
    expect(mac).toBe(toBase64Url(expected))
    count++
  }
  for (const { way, event, data = {} } of lines) {
    const name = typeof data['type'] === 'string' ? data['type'] : event
    const said = last['register']?.['proof'] as { kid: string; nonce: string; caps: string } | undefined
    if (event === 'acknowledgement of prove' || event === 'prove') {
      must(said !== undefined, 'a proof before register')
      const hubNonce = bytesFrom(String(last['acknowledgement of register']?.['challenge']))
      const claim = {
        uid: link.uid,
        role: 1 as const,
        kid: key.kid,
        caps: said.caps,
        clientNonce: bytesFrom(said.nonce),
        hubNonce,
      }
      const proofs = proofsOf(primitives, key.key, { ...claim, socketId: String(last['welcome']?.['id']) })
      expect(said.kid).toBe(toBase64Url(key.kid))
      same(data['mac'], event === 'prove' ? proofs.client : proofs.hub)
      ;({ session } = proofs)
    }
    if (name === 'offer' && event === 'message') same(data['mac'], offerMac(primitives, session!, String(data['sdp'])))
    if (name === 'answer')
      same(data['mac'], answerMac(primitives, session!, bytesFrom(String(last['offer']?.['mac'])), String(data['sdp'])))
    if (data['t'] === 'confirm') {
      const [phone, computer] = [String(last['offer']?.['sdp']), String(last['answer']?.['sdp'])]
      const isPhone = way === 'phone to computer'
      const [local, remote] = isPhone ? [phone, computer] : [computer, phone]
      same(data['mac'], channelMac(primitives, session!, isPhone ? 1 : 0, local, remote))
    }
    if (data['t'] === 'credentials') key = { kid: bytesFrom(String(data['id'])), key: bytesFrom(String(data['key'])) }
    last[name] = data
  }
  return count
}

test('the sample session is what goes over the wire today, and its macs are right', async () => {
  const fresh = await record()
  if (process.env['LANYARD_SAMPLE'] === 'write') await writeFile(FILE, `${PROSE}\n${shown(fresh)}\n`)
  const kept = read(await readFile(FILE, 'utf8'))
  expect(byWay(kept)).toEqual(byWay(fresh))
  // Two registrations and two channels: a proof of each side, an offer, an answer, and a confirm of each side.
  expect([verify(kept), verify(fresh)]).toEqual([12, 12])
}, LIMIT_MS) // prettier-ignore
