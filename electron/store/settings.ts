import { randomBytes } from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import * as v from 'valibot'
import { LegacyPolicy } from './legacy-policy.ts'

/** What is remembered between runs besides files. */
const Settings = v.object({
  /** Names this computer to native apps that look for it by mDNS; means nothing else. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  /** The address a person chose when there were several. */
  address: v.fallback(v.optional(v.pipe(v.string(), v.ipv4())), undefined),
  /** What a person chose for apps that prove nothing; absent = ask. */
  legacy: v.fallback(v.optional(LegacyPolicy), undefined),
})
export type Settings = v.InferOutput<typeof Settings>

/** The settings in `file`; fresh ones where there are none or they can't be read. */
export async function loadSettings(file: string): Promise<Settings> {
  try {
    return v.parse(Settings, JSON.parse(await readFile(file, 'utf8')))
  } catch {
    return { id: randomBytes(8).toString('hex') }
  }
}

/** Replaces the file in one step: a crash leaves the old one or the new one. */
export async function saveSettings(file: string, settings: Settings): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  // A name of its own: two at once must not write into each other's.
  const fresh = `${file}.${randomBytes(4).toString('hex')}.new`
  try {
    await writeThrough(fresh, `${JSON.stringify(settings, null, 2)}\n`)
    await rename(fresh, file)
  } catch (error) {
    await rm(fresh, { force: true })
    throw error
  }
}

async function writeThrough(file: string, text: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
