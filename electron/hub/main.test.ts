import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { build } from 'vite'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { bounded, Client } from '#hub/testing/client.ts'
import { ask } from '#hub/testing/http.ts'

// The programs as they are shipped: bundled, started by plain Node.
let dir: string
const running: ChildProcess[] = []

beforeAll(async () => {
  // Inside the tree, for what is not bundled.
  const cache = resolve(import.meta.dirname, '../../node_modules/.cache')
  await mkdir(cache, { recursive: true })
  dir = await mkdtemp(join(cache, 'lanyard-hub-'))
  const here = (file: string): string => resolve(import.meta.dirname, file)
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: join(dir, 'out', 'main'),
      rolldownOptions: {
        input: { hub: here('main.ts'), lifetime: here('testing/lifetime.ts') },
        external: ['bufferutil', 'utf-8-validate', 'socket.io-client-v2'],
      },
    },
  })
  await writeFile(join(dir, 'package.json'), '{"type":"module","version":"1.2.3"}')
  await mkdir(join(dir, 'out', 'phone'))
  await writeFile(join(dir, 'out', 'phone', 'index.html'), 'the phone page')
}, 60_000)
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rm(dir, { recursive: true }))

interface Run {
  readonly child: ChildProcess
  readonly out: () => string
  readonly err: () => string
  readonly ended: Promise<number | null>
  saying(what: RegExp): Promise<string>
}

function run(program: string, ...args: string[]): Run {
  const child = spawn(process.execPath, [join(dir, 'out', 'main', program), ...args])
  running.push(child)
  let [out, err] = ['', '']
  child.stdout.on('data', (text: Buffer) => (out += text.toString()))
  child.stderr.on('data', (text: Buffer) => (err += text.toString()))
  const ended = once(child, 'close').then(([code]) => code as number | null)
  const saying = (what: RegExp): Promise<string> =>
    bounded(String(what), (done) => {
      const look = (): void => {
        const [, found] = what.exec(out) ?? []
        if (found !== undefined) done(found)
      }
      child.stdout.on('data', look)
      look()
    })
  return { child, out: () => out, err: () => err, ended, saying }
}

describe('npm run hub', () => {
  test.each(['SIGINT', 'SIGTERM'] as const)('serves strangers and the page, and ends on %s', async (signal) => {
    const hub = run('hub.js', '--open', '--port', '0')
    const port = Number(await hub.saying(/port (\d+)/))
    const [web, app] = [
      new Client(`http://127.0.0.1:${port}`),
      new Client(`http://127.0.0.1:${port}`, { generation: 'old' }),
    ]
    web.send('register', { uid: 'any text', type: 0 })
    await web.next('welcome')
    app.send('register', { uid: 'any text', type: 1 })
    await app.next('syncfrom')
    app.send('message', 'hi')
    expect(await web.next('message')).toBe('hi')
    expect((await ask(port)).body.toString()).toBe('the phone page')
    hub.child.kill(signal)
    expect(await hub.ended).toBe(0)
    for (const client of [web, app]) client.close()
  })

  test('says its addresses, and nothing on stderr', async () => {
    const hub = run('hub.js', '--open', '--port', '0', '--allow-origin', 'http://localhost:8080')
    const port = await hub.saying(/http:\/\/127\.0\.0\.1:(\d+)/)
    const page = new Client(`http://127.0.0.1:${port}`, { headers: { Origin: 'http://localhost:8080' } })
    await page.next('welcome')
    page.close()
    expect(hub.err()).toBe('')
  })

  test.each([
    [[], '--open'],
    [['--open', '--port', 'x'], '--port'],
    [['--opne'], '--opne'],
  ])('%j: exit 2 and one clear line', async (args, about) => {
    const hub = run('hub.js', ...args)
    expect(await hub.ended).toBe(2)
    expect(hub.out()).toBe('')
    expect(hub.err()).toMatch(/^hub: .+\n$/)
    expect(hub.err()).toContain(about)
  })

  test('--help and --version', async () => {
    const [help, version] = [run('hub.js', '--help'), run('hub.js', '--version')]
    expect([await help.ended, await version.ended]).toEqual([0, 0])
    expect(help.out()).toContain('--allow-origin')
    expect(version.out()).toBe('1.2.3\n')
  })
})

test('a hub that was closed keeps no process alive', async () => {
  const lifetime = run('lifetime.js')
  expect(await lifetime.ended).toBe(0)
  expect(lifetime.err()).toBe('')
  expect(JSON.parse(lifetime.out())).toEqual({ during: 6, after: 0 })
})
