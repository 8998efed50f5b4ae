import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import * as v from 'valibot'
import { LaneWish } from '#protocol/frames.ts'
import { LegacyPolicy } from './legacy-policy.ts'
import { replaceFile } from './replace-file.ts'

/** What is remembered between runs besides files. */
const Settings = v.object({
  /** Names this computer to native apps that look for it by mDNS; means nothing else. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  /** The address a person chose when there were several. */
  address: v.fallback(v.optional(v.pipe(v.string(), v.ipv4())), undefined),
  /** What a person chose for apps that prove nothing; absent = ask. */
  legacy: v.fallback(v.optional(LegacyPolicy), undefined),
  /** Which way a person wants files to take; absent = the faster one. */
  lane: v.fallback(v.optional(LaneWish), undefined),
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

export function saveSettings(file: string, settings: Settings): Promise<void> {
  return replaceFile(file, `${JSON.stringify(settings, null, 2)}\n`)
}
