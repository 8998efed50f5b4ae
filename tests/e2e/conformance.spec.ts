import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type { Browser } from '@playwright/test'
import { readPage, servePage } from '#hub/page.ts'
import { choose, runChecks, type Result } from '../conformance/checks.ts'
import { Desk } from '../conformance/desk.ts'
import { DESKTOP_CHECKS } from '../conformance/desktop-checks.ts'
import { DesktopStage } from '../conformance/desktop-stage.ts'
import { PageDriver } from '../conformance/page-driver.ts'
import { PHONE_CHECKS } from '../conformance/phone-checks.ts'
import { PhoneStage } from '../conformance/phone-stage.ts'
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

test('the phone page passes', async ({ phones }) => {
  const results = await askPage(phones, [])
  expect(failed(results)).toEqual([])
  // A browser gives a file whatever name it thinks safe.
  const leftOut = results.filter(({ outcome }) => outcome === 'skip').map(({ name }) => name)
  expect(leftOut.filter((name) => name !== 'records')).toEqual(['receive-bad-name'])
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
  const stage = new DesktopStage(desktop.link(), {
    send: async (bytes) => {
      const path = join(outbox, 'from-the-desktop.bin')
      await writeFile(path, bytes)
      await desktop.window.getByTestId('file-input').setInputFiles([path])
    },
  })
  const results = await runChecks(DESKTOP_CHECKS, stage, () => undefined)
  await stage.leave()
  expect(results.filter(({ outcome }) => outcome !== 'pass')).toEqual([])
})
