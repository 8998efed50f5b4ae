import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import type { Primitives } from '#protocol/primitives.ts'

/** Node's own. */
export const primitives: Primitives = {
  sha256: (data) => createHash('sha256').update(data).digest(),
  hmac: (key, data) => createHmac('sha256', key).update(data).digest(),
  random: (bytes) => randomBytes(bytes),
  same: (a, b) => a.length === b.length && timingSafeEqual(a, b),
}
