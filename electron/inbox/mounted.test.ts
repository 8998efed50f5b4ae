import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { build } from 'vite'
import { expect, test } from 'vitest'
import type { Seen } from './testing/mounted.ts'

const UNSHARE = ['-m', '--propagation', 'private']
/** Milliseconds; some seconds on a slow machine. */
const TIMEOUT = 120_000

/** Drives can be mounted in a namespace that nobody else sees: by root on Linux, and not in every container. */
function canMount(): boolean {
  try {
    execFileSync('unshare', [...UNSHARE, 'mount', '-t', 'tmpfs', 'none', tmpdir()], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
const CAN = process.platform === 'linux' && canMount()
if (!CAN) process.stdout.write('B5 with real drives is left out: it needs root on Linux, and mounts\n')

test.runIf(CAN)(
  'B5 B4 real drives: what waits for one that is away lands there when it is back',
  { timeout: TIMEOUT },
  async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'lanyard-mounted-'))
    try {
      await build({
        configFile: false,
        logLevel: 'warn',
        ssr: { noExternal: true },
        build: { ssr: 'electron/inbox/testing/mounted.ts', outDir: scratch, emptyOutDir: false },
      })
      const args = [...UNSHARE, process.execPath, join(scratch, 'mounted.js'), scratch]
      const { stdout } = await promisify(execFile)('unshare', args, { timeout: TIMEOUT })
      const seen = JSON.parse(stdout) as Seen
      expect(seen).toEqual({
        away: ['disk-error', []],
        other: ['disk-error', []],
        have: 2,
        back: ['.lanyard-inbox', 'large', 'small'],
      })
    } finally {
      await rm(scratch, { recursive: true, force: true })
    }
  },
)
