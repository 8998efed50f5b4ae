import { expect, test } from 'vitest'
import { decodeFrame, encodeFrame } from '#protocol/frames.ts'
import { KINDS, sampleOf } from './testing/frame-samples.ts'

test.each(KINDS)('a sample of %s is a frame, and so is each that differs from it', (kind) => {
  for (const variety of ['same', 'different'] as const)
    for (const i of [0, 1, 9_999]) expect(decodeFrame(encodeFrame(sampleOf(kind, i, variety))).t).toBe(kind)
})
