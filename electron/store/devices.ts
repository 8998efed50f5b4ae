import * as v from 'valibot'
import { fromBase64Url } from '#protocol/base64url.ts'
import { PeerKind } from '#protocol/hub-events.ts'
import { DEVICE_KID_BYTES, KEY_BYTES } from '#protocol/proof.ts'

/** base64url of so many bytes: whoever uses other text would use no bytes, as anybody can. */
const encoded = (bytes: number) =>
  v.pipe(
    v.string(),
    v.check((text) => fromBase64Url(text)?.length === bytes),
  )

const Key = v.object({ kid: encoded(DEVICE_KID_BYTES), key: encoded(KEY_BYTES) })

const time = v.pipe(v.number(), v.safeInteger(), v.minValue(0))

/**
 * A phone that has proved a key and can come back, as it is kept between runs. Times in ms since 1970. What a newer version
 * has added stays.
 */
export const Remembered = v.looseObject({
  id: v.pipe(v.string(), v.regex(/^[0-9a-f]{16}$/)),
  /** Where it meets the window at the hub. */
  uid: v.pipe(v.string(), v.minLength(1), v.maxLength(64)),
  name: v.string(),
  /** What a person here calls it; '' = as it calls itself. */
  label: v.string(),
  kind: PeerKind,
  firstSeen: time,
  lastSeen: time,
  /** The same by the app's own calendar, see core/devices/calendar.ts. Absent in files of earlier versions. */
  seen: v.optional(time),
  /** The highest protocol version that it has spoken. */
  version: v.pipe(v.number(), v.safeInteger()),
  autoAccept: v.boolean(),
  /** Its texts go on the clipboard at once. Absent in files of earlier versions. */
  clipboard: v.optional(v.boolean(), false),
  /** Its key; then the one it was told to use next, until it does; then those that were replaced. */
  key: Key,
  next: v.nullable(Key),
  dead: v.array(Key),
  /** A browser that was told to remember: until when, by the calendar. Null: for the tab, or an app. */
  until: v.nullable(time),
  /** Since when its time has been over: it can't come back, and is kept for a while should the clock have been wrong. */
  over: v.optional(time),
})
export type Remembered = v.InferOutput<typeof Remembered>

/** Where the app's own calendar stood when the phones were last written. */
export const CalendarState = v.object({ now: time, walls: v.array(time), credit: time })
export type CalendarState = v.InferOutput<typeof CalendarState>

/** What is kept of phones between runs. */
export interface KeptDevices {
  readonly devices: readonly Remembered[]
  readonly calendar?: CalendarState | undefined
}
