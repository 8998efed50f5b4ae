import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser } from '@playwright/test'
import { readPage, servePage } from '#hub/page.ts'
import { choose, runChecks, type Result } from '../conformance/checks.ts'
import { ANSWER_MS } from '../conformance/conversation.ts'
import { Desk } from '../conformance/desk.ts'
import { DESKTOP_CHECKS } from '../conformance/desktop-checks.ts'
import { DesktopStage } from '../conformance/desktop-stage.ts'
import { DeskHandDriver } from '../conformance/drivers.ts'
import { PageDriver } from '../conformance/page-driver.ts'
import { PHONE_CHECKS } from '../conformance/phone-checks.ts'
import { PhoneStage } from '../conformance/phone-stage.ts'
import { ROOT, startApp } from '../support/app.ts'
import { expect, test } from '../support/fixtures.ts'

/** The conformance kit (tests/conformance) against our own two ends: what we ask of others we do ourselves. */

const failed = (results: readonly Result[]): readonly Result[] => results.filter(({ outcome }) => outcome === 'fail')

/** `change` makes another page of ours: what it gives is served in the place of each script. */
async function askPage(browser: Browser, names: readonly string[], change?: (script: string) => string) {
  const built = await readPage(resolve('out/phone'))
  const files = [...built.files].map(([path, file]) => {
    const isChanged = change !== undefined && path.endsWith('.js')
    return [path, isChanged ? { ...file, body: Buffer.from(change(file.body.toString())) } : file] as const
  })
  const page = { ...built, files: new Map(files) }
  const desk = await Desk.open('127.0.0.1', 0, (request, response) => {
    servePage(page, request, response, request.headers.host ?? '')
  })
  const stage = new PhoneStage(desk, new PageDriver(browser))
  try {
    return await runChecks(choose(PHONE_CHECKS, names), stage, () => undefined)
  } finally {
    await stage.leave()
    await desk.close()
  }
}

/** What a page says of itself that it does, or not: it has records only if a person keeps some. */
const NOT_OF_A_PAGE = ['records', 'export-missing', 'export', 'receive-folder']

test('the phone page passes', async ({ phones }) => {
  const results = await askPage(phones, [])
  expect(failed(results)).toEqual([])
  // A browser gives a file whatever name it thinks safe.
  const leftOut = results.filter(({ outcome }) => outcome === 'skip').map(({ name }) => name)
  expect(leftOut.filter((name) => !NOT_OF_A_PAGE.includes(name))).toEqual(['receive-bad-name'])
})

test('a phone page that does not check the mac of the answer fails', async ({ phones }) => {
  let left = 0
  const results = await askPage(phones, ['swapped-fingerprint'], (script) =>
    script.replace(/[\w.#]+\.binding\?\.isOwn\(\w+\)/g, () => {
      left++
      return 'true'
    }),
  )
  // Once in the page of each language.
  expect([left, failed(results).map(({ name }) => name)]).toEqual([2, ['swapped-fingerprint']])
})

test('the desktop passes', async ({ desktop, outbox }) => {
  let path = ''
  let sent = 0
  const stage = new DesktopStage(desktop.link(), {
    patienceMs: ANSWER_MS,
    send: async (bytes, name = `from-the-desktop-${++sent}.bin`) => {
      path = join(outbox, name)
      await writeFile(path, bytes)
      await desktop.window.getByTestId('file-input').setInputFiles([path])
    },
    change: (bytes) => writeFile(path, bytes),
    export: async () => {
      const of = { kind: 'file', sort: 'newest' } as const
      await desktop.window.evaluate((what) => window.lanyard.exportRecords({ of: what, without: [] }, 'txt'), of)
    },
  })
  const results = await runChecks(DESKTOP_CHECKS, stage, () => undefined)
  await stage.leave()
  expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([])
})

/** Copies the built app into `folder`, with one text of its main process replaced for each pair. */
async function mutant(folder: string, changes: readonly (readonly [text: string, by: string])[]): Promise<string> {
  await mkdir(join(folder, 'out'), { recursive: true })
  await cp(join(ROOT, 'package.json'), join(folder, 'package.json'))
  await cp(join(ROOT, 'out/main'), join(folder, 'out/main'), { recursive: true })
  const linked = ['node_modules', 'resources', 'out/phone', 'out/preload', 'out/renderer']
  for (const name of linked) await symlink(join(ROOT, name), join(folder, name), 'junction')
  const files = (await readdir(join(folder, 'out/main'), { recursive: true })).filter((name) => name.endsWith('.js'))
  let left = changes.length
  for (const name of files) {
    const path = join(folder, 'out/main', name)
    const before = await readFile(path, 'utf8')
    const found = changes.filter(([text]) => before.split(text).length === 2)
    left -= found.length
    await writeFile(
      path,
      found.reduce((source, [text, by]) => source.replace(text, by), before),
    )
  }
  expect(left).toBe(0)
  return folder
}

test('a desktop that does not check proofs and hellos fails', async ({ outbox }) => {
  const root = await mutant(join(outbox, 'mutant'), [
    ['primitives.same(bytesFrom(mac), proofs.client)', 'true'],
    ['!isRightHello(primitives, session, hello)', 'false'],
  ])
  const app = await startApp([], '127.0.0.1', undefined, {}, root)
  const nobody = new DeskHandDriver(null)
  const stage = new DesktopStage(app.link(), nobody)
  try {
    const names = ['wrong-proof', 'later-version', 'sealed-socket-wrong-hello']
    const results = await runChecks(choose(DESKTOP_CHECKS, names), stage, () => undefined)
    expect(results.map(({ outcome }) => outcome)).toEqual(['fail', 'pass', 'fail'])
  } finally {
    await stage.leave()
    await app.close()
  }
})
