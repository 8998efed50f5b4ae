// npm run test:soak [-- part of a file's name ...]: what takes too long for every day. 400 kills in the middle of a file,
// a power cut at any of 2,000 random points, zips of many gigabytes, a download of 5 GiB, a batch of 100,000 files, 1,000
// phones that come and go; on Debian, as root, the deb in a fresh system.
import { existsSync } from 'node:fs'
import { packageBin } from './lib/paths.mjs'
import { runNode } from './lib/run.mjs'
import { say } from './lib/say.mjs'
import { command, setup } from './setup.mjs'

const FILES = [
  'electron/inbox/kill.test.ts',
  'electron/inbox/crash.test.ts',
  'electron/inbox/zip-source.test.ts',
  'electron/hub/downloads-memory.test.ts',
  'electron/core/cycles.test.ts',
  'transfer/session-batch.test.ts',
]
/** Needs root, and a tool that makes a Debian. */
const DEBIAN = 'tests/soak/deb.test.ts'
const canMakeDebian = process.getuid?.() === 0 && existsSync('/usr/sbin/debootstrap')
const HOURS_MS = 4 * 3_600_000

await command(async () => {
  await setup({ messages: true })
  const asked = process.argv.slice(2)
  const all = canMakeDebian ? [...FILES, DEBIAN] : FILES
  if (!canMakeDebian) say(`left out: ${DEBIAN} needs root on Debian, and debootstrap (apt-get install debootstrap)`)
  const files = all.filter((file) => asked.length === 0 || asked.some((part) => file.includes(part)))
  if (files.length === 0) throw new Error(`no such file: ${asked.join(' ')}; there are ${all.join(', ')}`)
  // One after the other: some look at the memory of the whole process.
  const args = ['run', '--no-file-parallelism', ...files]
  const { code } = await runNode(packageBin('vitest'), args, { env: { LANYARD_SOAK: '1' }, limitMs: HOURS_MS })
  return code === 0 ? 0 : 1
})
