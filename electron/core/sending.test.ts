import { execFile } from 'node:child_process'
import { appendFile, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { crc32 } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fromBufferPromise } from 'yauzl'
import type { LeftOut } from '#transfer/left-out.ts'
import type { Source } from '#transfer/source.ts'
import { Device } from './devices/device.ts'
import { sourceFrom } from './transfers/local-source.ts'
import { sendPaths, type Outlet } from './transfers/send.ts'
import { quietOptions } from './testing/device-options.ts'

let folder = ''
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'lanyard-sending-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

interface Sent {
  readonly sources: readonly Source[]
  /** Of batches: paths as they are offered, and what is left out. */
  readonly batch: readonly string[]
  readonly left: LeftOut | undefined
}

/** What a device is given for those paths in the folder. */
async function send(paths: readonly string[], kind: 'page' | 'app' = 'page'): Promise<Sent> {
  const device = Object.assign(new Device('phone', quietOptions()), { kind, takesFolders: kind === 'app' })
  let sent: Sent = { sources: [], batch: [], left: undefined }
  const core: Outlet = {
    resendQueue: { filesFor: () => [], textsFor: () => [] },
    deviceOf: () => device,
    transferList: {
      send: (_id, sources) => {
        sent = { ...sent, sources: [...sent.sources, ...sources] }
        return true
      },
      sendBatch: (_device, _batch, files, left) => {
        const batch = files.map(({ local }) => [...(sourceFrom(local).path ?? []), sourceFrom(local).name].join('/'))
        sent = { sources: files.map(({ local }) => sourceFrom(local)), batch, left }
        return true
      },
    },
  }
  await sendPaths(core, 'phone', paths.map((path) => join(folder, path))) // prettier-ignore
  return sent
}

const MIB = 1_048_576

async function contentOf(source: Source, midway: () => Promise<unknown> = () => Promise.resolve()): Promise<Buffer> {
  const open = await source.open()
  const parts: Uint8Array[] = []
  try {
    for (let at = 0; at < source.size; at += MIB) {
      parts.push(await open.read(at, Math.min(MIB, source.size - at)))
      if (at === 0) await midway()
    }
    await open.finish()
  } finally {
    await open.close()
  }
  return Buffer.concat(parts)
}

/** As somebody else's program sees it: names, and what is in each; folders end in `/`. */
async function unpack(bytes: Buffer): Promise<Record<string, string>> {
  const files: Record<string, string> = {}
  const zip = await fromBufferPromise(bytes)
  for await (const got of zip.eachEntry()) {
    const isFolder = got.fileName.endsWith('/')
    const content = isFolder ? Buffer.alloc(0) : await buffer(await zip.openReadStreamPromise(got))
    expect([got.fileName, crc32(content)]).toEqual([got.fileName, got.crc32])
    files[got.fileName] = content.length > 100 ? `${content.length}` : content.toString()
  }
  return files
}

async function make(files: Readonly<Record<string, string | Buffer>>): Promise<void> {
  for (const [file, content] of Object.entries(files)) {
    await mkdir(join(folder, file, '..'), { recursive: true })
    await writeFile(join(folder, file), content)
  }
}

/** A path below the folder in which `~` stands for the byte of an é in Latin-1. */
const inLatin1 = (path: string): Buffer => Buffer.from(join(folder, path).replaceAll('~', '\u00e9'), 'latin1')

const LINUX = process.platform === 'linux'

describe.runIf(LINUX)('names that are bytes', () => {
  test('files and folders go into a zip under readable names, each its own', async () => {
    await make({ 'f/caf\u00e9': 'utf-8', 'f/d\u00e9/x': 'utf-8' })
    await writeFile(inLatin1('f/caf~'), 'latin-1')
    await mkdir(inLatin1('f/d~'))
    await writeFile(inLatin1('f/d~/x'), 'latin-1')
    const { sources } = await send(['f'])
    expect(sources[0]?.left?.()?.skipped ?? 0).toBe(0)
    const files = await unpack(await contentOf(sources[0]!))
    expect(files).toEqual({
      'f/caf\u00e9': 'utf-8',
      'f/caf\u00e9 (2)': 'latin-1',
      'f/d\u00e9/x': 'utf-8',
      'f/d\u00e9 (2)/x': 'latin-1',
    })
  })

  test('to an app, and one that was chosen itself as far as the system can say what it is called', async () => {
    await make({ 'f/a': 'a' })
    await writeFile(inLatin1('f/caf~'), 'in')
    await writeFile(inLatin1('r~sum~.pdf'), 'alone')
    expect((await send(['f'], 'app')).batch).toEqual(['f/a', 'f/caf\u00e9'])
    // What argv and a dropped File say of it.
    const { sources } = await send(['r\ufffdsum\ufffd.pdf'])
    expect(sources.map(({ name }) => name)).toEqual(['r\u00e9sum\u00e9.pdf'])
    expect((await contentOf(sources[0]!)).toString()).toBe('alone')
  })

  test('a chosen folder within such a folder', async () => {
    await mkdir(inLatin1('p~re'))
    await mkdir(inLatin1('p~re/f'))
    await writeFile(inLatin1('p~re/f/x'), 'x')
    const { sources } = await send(['p\ufffdre/f'])
    expect(await unpack(await contentOf(sources[0]!))).toEqual({ 'f/x': 'x' })
  })

  test('goes on in another run by the same bytes', async () => {
    await mkdir(join(folder, 'f'))
    await writeFile(inLatin1('f/caf~'), 'latin-1')
    const { sources } = await send(['f'])
    const { local } = sources[0] as ReturnType<typeof sourceFrom>
    const later = sourceFrom(JSON.parse(JSON.stringify(local)) as typeof local)
    expect((await contentOf(later)).equals(await contentOf(sources[0]!))).toBe(true)
  })
})

describe('what is left out is told', () => {
  test('of a zip, with names', async () => {
    await make({ 'f/a': 'a' })
    await symlink('/nowhere', join(folder, 'f/dead'))
    const { sources } = await send(['f'])
    expect(sources[0]?.left?.()).toEqual({ skipped: 1, skippedNames: ['f/dead'] })
  })

  test.runIf(LINUX)('a file whose size says 0 and which has content', async () => {
    await expect(send(['../../proc/self/status'])).resolves.toMatchObject({ sources: [] })
  })
})

describe('folders with nothing in them', () => {
  test('are kept in the zip, the same way each time', async () => {
    await make({ 'f/a': 'a', 'f/b/x': 'x' })
    await mkdir(join(folder, 'f/empty/deep'), { recursive: true })
    const { sources } = await send(['f'])
    const bytes = await contentOf(sources[0]!)
    expect(bytes.length).toBe(sources[0]!.size)
    expect(Object.keys(await unpack(bytes)).sort()).toEqual(['f/a', 'f/b/x', 'f/empty/deep/'])
    const { local } = sources[0] as ReturnType<typeof sourceFrom>
    expect((await contentOf(sourceFrom(JSON.parse(JSON.stringify(local)) as typeof local))).equals(bytes)).toBe(true)
  })

  test('are named to an app, which gets files alone', async () => {
    await make({ 'f/a': 'a' })
    await mkdir(join(folder, 'f/empty'))
    expect((await send(['f'], 'app')).left).toEqual({ skipped: 1, skippedNames: ['f/empty/'] })
  })
})

describe('a file that only grows', () => {
  test.each([
    ['in a zip', 'f'],
    ['alone', 'f/log'],
  ])('%s goes with the bytes of its offer', async (_, path) => {
    const log = Buffer.alloc(3 * MIB, 'line of a log\n')
    await make({ 'f/log': log })
    const grow = () => appendFile(join(folder, 'f/log'), 'more\n')
    const { sources } = await send([path])
    await grow()
    const bytes = await contentOf(sources[0]!, grow)
    if (path === 'f') expect(await unpack(bytes)).toEqual({ 'f/log': `${log.length}` })
    else expect(bytes.equals(log)).toBe(true)
    expect(sources[0]?.left?.()?.skipped ?? 0).toBe(0)
  })

  test.each([false, true])('is not one that was written anew and is larger now (%s: midway)', async (midway) => {
    await make({ 'f/log': Buffer.alloc(3 * MIB, 'a') })
    const { sources } = await send(['f/log'])
    const again = () => writeFile(join(folder, 'f/log'), Buffer.alloc(4 * MIB, 'b'))
    if (!midway) await again()
    const reading = contentOf(sources[0]!, midway ? again : undefined)
    await expect(reading).rejects.toMatchObject({ code: 'source-changed' })
  })
})

describe('a file that fails does not take a zip with it', () => {
  const FAILS: Record<string, (path: string) => Promise<unknown>> = {
    shrank: (path) => truncate(path, 100),
    'was deleted': (path) => rm(path),
    'was replaced': async (path) => {
      await writeFile(`${path}~`, Buffer.alloc(3 * MIB, 'z'))
      await rename(`${path}~`, path)
    },
    'became a folder': async (path) => {
      await rm(path)
      await mkdir(path)
    },
  }
  test.each(
    Object.keys(FAILS).flatMap((what) => [
      [what, 'before its turn'],
      [what, 'midway'],
    ]),
  )('%s %s', async (what, when) => {
    // prettier-ignore
    await make({ 'f/a': Buffer.alloc(2 * MIB, 'a'), 'f/b': Buffer.alloc(3 * MIB, 'b'), 'f/c': 'c' })
    const { sources } = await send(['f'])
    const source = sources[0]!
    const victim = when === 'midway' ? 'a' : 'b'
    const bytes = await contentOf(source, () => FAILS[what]!(join(folder, 'f', victim)))
    expect(bytes.length).toBe(source.size)
    const files = await unpack(bytes)
    // A file that was deleted while it is read is still all there.
    const gone = when === 'midway' && what === 'was deleted' ? null : `f/${victim}`
    const all = { 'f/a': `${2 * MIB}`, 'f/b': `${3 * MIB}`, 'f/c': 'c' }
    expect(files).toEqual(Object.fromEntries(Object.entries(all).filter(([name]) => name !== gone)))
    const left = gone === null ? { skipped: 0 } : { skipped: 1, skippedNames: [gone] }
    expect(source.left?.() ?? { skipped: 0 }).toEqual(left)
  })

  test('but when all of them fail, it fails', async () => {
    await make({ 'f/a': 'a', 'f/b': 'b' })
    const { sources } = await send(['f'])
    await rm(join(folder, 'f'), { recursive: true })
    await expect(contentOf(sources[0]!)).rejects.toMatchObject({ code: 'source-changed' })
  })
})

test.runIf(LINUX)('pipes beside files that were chosen one by one do not vanish', async () => {
  await make({ a: 'a' })
  await promisify(execFile)('mkfifo', [join(folder, 'pipe')])
  const { sources } = await send(['a', 'pipe'])
  expect(sources.map(({ name }) => name)).toEqual(['a'])
})
