import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { PeerKind } from '#protocol/hub-events.ts'
import { Device } from '#core/devices/device.ts'
import { sourceFrom } from './local-source.ts'
import { sendPaths, type Outlet, type SendOutcome } from './send.ts'
import { quietOptions } from '#core/testing/device-options.ts'

let folder = ''
let outcome: SendOutcome
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-outgoing-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** What a device is given for those paths in the folder: files, and files of batches in brackets. */
async function sent(kind: PeerKind, paths: readonly string[], takesFolders = false): Promise<string[]> {
  const device = Object.assign(new Device('phone', quietOptions()), { kind, takesFolders })
  const names: string[] = []
  const core: Outlet = {
    resendQueue: { filesFor: () => [], textsFor: () => [] },
    deviceOf: (id) => (id === 'phone' ? device : undefined),
    transferList: {
      send: (id, sources) => {
        names.push(...sources.map(({ name, path = [] }) => [id, ...path, name].join(' ')))
        return true
      },
      sendBatch: ({ id }, batch, files) => {
        for (const { local } of files) {
          const { path = [], name } = sourceFrom(local)
          names.push(`[${[id, batch.name, batch.files, ...path, name].join(' ')}]`)
        }
        return true
      },
    },
  }
  outcome = await sendPaths(core, 'phone', paths.map((path) => join(folder, path))) // prettier-ignore
  return names.sort()
}

async function make(...files: readonly string[]): Promise<void> {
  for (const file of files) {
    await mkdir(join(folder, file, '..'), { recursive: true })
    await writeFile(join(folder, file), file)
  }
}

test('plain files are sent one by one, and what is none does not keep them back', async () => {
  await make('a')
  for (const kind of ['page', 'legacy'] as const) {
    expect(await sent(kind, ['a', 'gone'])).toEqual(['phone a'])
    expect(outcome).toEqual({ as: 'files', skipped: 1, skippedNames: ['gone'] })
  }
})

test('an app of 2018 gets the files alone: folders that have none are named', async () => {
  await make('f/a')
  await mkdir(join(folder, 'f/none'))
  expect(await sent('legacy', ['f'])).toEqual(['phone a'])
  expect(outcome).toEqual({ as: 'files', skipped: 1, skippedNames: ['f/none/'] })
})

test('a folder goes as it is to who takes folders, as one zip to a browser', async () => {
  await make('f/a', 'f/g/b')
  expect(await sent('app', ['f'], true)).toEqual(['[phone f 2 f a]', '[phone f 2 f g b]'])
  expect(await sent('page', ['f'])).toEqual(['phone f.zip'])
})

test('a folder goes to a 2018 app as its files: it knows no folders, and no file is left behind', async () => {
  await make('f/a', 'f/g/b')
  expect(await sent('legacy', ['f'])).toEqual(['phone a', 'phone b'])
})

test('links in a folder are left out', async () => {
  await make('f/a')
  await symlink('/etc/hostname', join(folder, 'f/link'))
  expect(await sent('legacy', ['f'])).toEqual(['phone a'])
})

test('whoever sends what can’t be sent, or what has nothing in it, hears so', async () => {
  expect(await sent('page', ['gone'])).toEqual([])
  expect(outcome).toEqual({ as: 'nothing', skipped: 1, skippedNames: ['gone'] })
  await mkdir(join(folder, 'e/mpty'), { recursive: true })
  expect(await sent('page', ['e'])).toEqual([])
  expect(outcome).toEqual({ as: 'empty', skipped: 0 })
})
