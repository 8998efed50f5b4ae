import { randomBytes } from 'node:crypto'
import * as v from 'valibot'
import { LaneWish } from '#protocol/frames.ts'
import { JsonFile, type SavedFileOptions } from './json-file.ts'
import { LegacyPolicy } from './legacy-policy.ts'

/** What a person can choose. A value that makes no sense counts as not chosen. */
const CHOICES = {
  /** The address, when there were several. */
  address: v.fallback(v.optional(v.pipe(v.string(), v.ipv4())), undefined),
  /** What becomes of apps that prove nothing; absent = ask. */
  legacy: v.fallback(v.optional(LegacyPolicy), undefined),
  /** Which way files are to take; absent = the faster one. */
  lane: v.fallback(v.optional(LaneWish), undefined),
}

/** What is remembered between runs besides files. What a newer version has added stays. */
const Settings = v.looseObject({
  /** Names this computer to native apps that look for it by mDNS; means nothing else. */
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  ...CHOICES,
})
export type Settings = v.InferOutput<typeof Settings>

/** Opens the settings. A value that only a newer version understands stays in the file until another is chosen. */
export function settingsFile(path: string, options: SavedFileOptions<Settings>): JsonFile<Settings> {
  const strange = new Map<string, unknown>()
  return new JsonFile(path, {
    ...options,
    decode: (json) => {
      const settings = v.parse(Settings, json)
      for (const [name, value] of Object.entries(json as object))
        if (Object.hasOwn(CHOICES, name) && settings[name] === undefined) strange.set(name, value)
      return settings
    },
    encode: (settings) => {
      for (const name of strange.keys()) if (settings[name] !== undefined) strange.delete(name)
      return { ...settings, ...Object.fromEntries(strange) }
    },
  })
}

/** Makes settings for a first run. */
export const freshSettings = (): Settings => ({ id: randomBytes(8).toString('hex') })
