import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { choose, runChecks, type Result } from '../conformance/checks.ts'
import { Desk } from '../conformance/desk.ts'
import { DESKTOP_CHECKS } from '../conformance/desktop-checks.ts'
import { CommandDriver } from '../conformance/drivers.ts'
import { HUB_CHECKS } from '../conformance/hub-checks.ts'
import { LEGACY_CHECKS } from '../conformance/legacy-checks.ts'
import { PHONE_CHECKS } from '../conformance/phone-checks.ts'
import { PHONE_EXTRAS, PHONE_SEALED } from '../conformance/phone-extras.ts'
import { PHONE_ENDING, PHONE_GREETING, PHONE_MEETING } from '../conformance/phone-meeting.ts'
import { PhoneStage } from '../conformance/phone-stage.ts'
import { RECEIVES } from '../conformance/receiving-checks.ts'
import { SENDS } from '../conformance/sending-checks.ts'

/** The reference phones pass the conformance kit; one of which a check was left out does not. */

/** Milliseconds: a WebRTC stack in plain JavaScript takes its time on a busy computer. */
const LIMIT_MS = 400_000

const FOLDER = resolve('tests/reference-phone')

async function askPhone(program: string, names: readonly string[]): Promise<readonly Result[]> {
  const desk = await Desk.open('127.0.0.1')
  const offers = program.endsWith('phone.mjs') ? `--offer "${resolve('protocol/vectors')}"` : ''
  const command = `"${process.execPath}" "${program}" "{link}" --inbox "{folder}/received" ${offers}`
  const stage = new PhoneStage(desk, new CommandDriver(process.platform === 'win32' ? command : `exec ${command}`))
  try {
    return await runChecks(choose(PHONE_CHECKS, names), stage, () => undefined)
  } finally {
    await stage.leave()
    await desk.close()
  }
}

/** Copies the phone, with one text of one of its files replaced. */
async function mutant(file: string, text: string, by: string) {
  const folder = await mkdtemp(join(tmpdir(), 'lanyard-mutant-'))
  await cp(FOLDER, folder, { recursive: true })
  await symlink(resolve('node_modules'), join(folder, 'node_modules'), 'junction')
  const source = await readFile(join(folder, file), 'utf8')
  expect(source.split(text)).toHaveLength(2)
  await writeFile(join(folder, file), source.replace(text, by))
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) }
}

const notPassed = (results: readonly Result[]) => results.filter(({ outcome }) => outcome !== 'pass')

/** What the reference phone does not do. */
const LEFT_OUT = ['sealed-socket', 'receive-folder', 'thumbnail']

/** Side by side, since most of it is waiting. */
const SCENES = { PHONE_MEETING, PHONE_SEALED, PHONE_GREETING, RECEIVES, SENDS, PHONE_EXTRAS, PHONE_ENDING }
test.concurrent.each(Object.entries(SCENES))(
  'the reference phone passes %s',
  async (_, checks) => {
    const results = await askPhone(
      join(FOLDER, 'phone.mjs'),
      checks.map(({ name }) => name),
    )
    const left = results.filter(({ outcome }) => outcome === 'skip').map(({ name }) => name)
    expect(results.filter(({ outcome }) => outcome === 'fail')).toEqual([])
    expect(left.filter((name) => !LEFT_OUT.includes(name))).toEqual([])
  },
  LIMIT_MS,
)

test.concurrent(
  'the smallest app passes, and stays small',
  async () => {
    const receives = [
      'receive',
      'receive-wrong-block',
      'receive-bad-name',
      'receive-too-large',
      'receive-paused',
      'receive-gap',
    ]
    const files = ['hello', ...receives, 'send', 'send-paused', 'send-again', 'own-key', 'no-fault'] // prettier-ignore
    const names = [...PHONE_MEETING.map(({ name }) => name), ...files]
    expect(notPassed(await askPhone(join(FOLDER, 'smallest.mjs'), names))).toEqual([])
    const lines = async (file: string) => (await readFile(join(FOLDER, file), 'utf8')).split('\n').length
    expect(await lines('smallest.mjs')).toBeLessThanOrEqual(300)
    const beside = await Promise.all(['secrets.mjs', 'blocks.mjs', 'start.mjs'].map(lines))
    expect(beside.reduce((sum, count) => sum + count)).toBeLessThanOrEqual(200)
  },
  LIMIT_MS,
)

test('each check stands on a section that there is', async () => {
  const text = await readFile(resolve('protocol/README.md'), 'utf8')
  const sections = new Set([...text.matchAll(/^##+ (\d+(?:\.\d+)?)[. ]/gm)].map(([, number]) => number))
  const asked = [...PHONE_CHECKS, ...LEGACY_CHECKS, ...DESKTOP_CHECKS, ...HUB_CHECKS].map(({ section }) => section)
  expect(asked.filter((section) => !sections.has(section))).toEqual([])
})

test('the scenes are all that a phone is asked', () => {
  expect(Object.values(SCENES).flat().length).toBe(PHONE_CHECKS.length)
})

test.each([
  ['wrong-hub-proof', 'hub.mjs', '!isSame(fromText(reply.mac), proofs.hub)', 'false'],
  ['swapped-fingerprint', 'channel.mjs', '!isSame(fromText(message.mac ?? \'\'), answerMac(this.#session, this.#offer, message.sdp))', 'false'],
  ['receive-wrong-root', 'receiving.mjs', 'own !== root', 'false'],
  ['send-paused', 'sending.mjs', 'this.isHeld = on', 'this.isHeld = false'],
  ['export', 'records.mjs', 'this.#answered.has(id)', 'false'],
] as const)('%s fails where that is not looked at', async (name, file, text, by) => {
  const { folder, remove } = await mutant(file, text, by)
  try {
    const results = await askPhone(join(folder, 'phone.mjs'), [name])
    expect(results.map(({ outcome }) => outcome)).toEqual(['fail'])
  } finally {
    await remove()
  }
}) // prettier-ignore
