import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { LaneWish } from '#protocol/frames.ts'
import { LegacyPolicy } from './legacy-policy.ts'
import { JsonFile, type SavedPorts } from './json-file.ts'

/** What is remembered between runs besides files. What a newer version has added stays. */
const Settings = v.looseObject({
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

/** Opens the settings. */
export const settingsFile = (path: string, ports: SavedPorts<Settings>): JsonFile<Settings> =>
  new JsonFile(path, { ...ports, decode: (json) => v.parse(Settings, json) })

/** Makes settings for a first run. */
export const freshSettings = (): Settings => ({ id: randomBytes(8).toString('hex') })
