import { spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { build } from 'vite'
import { eventually } from '#hub/testing/client.ts'
import { ask } from '#hub/testing/http.ts'
import { Raw } from './support/raw.ts'

const ROOT = join(import.meta.dirname, '../..')
let dir: string
let child: ChildProcess | undefined

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lanyard-descriptors-'))
  await build({
    configFile: false,
    logLevel: 'silent',
    root: ROOT,
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir: join(dir, 'out', 'main'),
      emptyOutDir: true,
      rolldownOptions: {
        input: { hub: join(ROOT, 'electron/hub/main.ts') },
        external: ['bufferutil', 'utf-8-validate'],
      },
    },
  })
  await writeFile(join(dir, 'package.json'), '{"type":"module","version":"1.2.3"}')
}, 60_000)
afterAll(async () => {
  child?.kill('SIGKILL')
  await rm(dir, { recursive: true })
})

test.runIf(process.platform === 'linux')(
  'A9: a hub without file descriptors left accepts again afterwards',
  async () => {
    const command = 'ulimit -n 64 && exec "$@"'
    const hub = [process.execPath, join(dir, 'out', 'main', 'hub.js'), '--open', '--port', '0']
    child = spawn('sh', ['-c', command, 'few', ...hub], { stdio: ['ignore', 'pipe', 'pipe'] })
    let out = ''
    child.stdout?.on('data', (part: Buffer) => (out += part.toString()))
    await eventually('the port', () => /on port \d+/.test(out))
    const port = Number(/on port (\d+)/.exec(out)?.[1])
    expect((await ask(port)).status).toBe(404)

    const many = Array.from({ length: 150 }, () => new Raw(port))
    await eventually('connections beyond the limit', () => many.filter(({ isClosed }) => isClosed).length > 50)
    for (const raw of many) raw.socket.destroy()
    let status = 0
    const end = Date.now() + 5000
    while (status !== 404 && Date.now() < end) ({ status } = await ask(port))
    expect([status, child.exitCode]).toEqual([404, null])
  },
)
