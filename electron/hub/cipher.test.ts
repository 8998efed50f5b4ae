import type * as crypto from 'node:crypto'
import { afterEach, expect, test, vi } from 'vitest'
import { answersRight } from '#transfer/sealing/known-answer.ts'
import { nobleAead } from '#transfer/sealing/noble.ts'
import { bestAead } from './cipher.ts'
import { nativeAead } from './node-crypto.ts'

// Electron's OpenSSL is BoringSSL, whose ciphers lack it.
const lacking = vi.hoisted(() => ({ cipher: false }))
vi.mock('node:crypto', async (original) => {
  const real = await original<typeof crypto>()
  const createCipheriv = (...args: Parameters<typeof real.createCipheriv>) => {
    if (lacking.cipher) throw new Error('Unknown cipher')
    return real.createCipheriv(...args)
  }
  return { ...real, createCipheriv }
})
afterEach(() => {
  lacking.cipher = false
  vi.unstubAllGlobals()
})

test("plain Node's own cipher is the one that is used", async () => {
  expect(await bestAead()).toBe(nativeAead)
})

test('a runtime without it has the one in WebAssembly', async () => {
  lacking.cipher = true
  const best = await bestAead()
  expect([nativeAead, nobleAead]).not.toContain(best)
  expect(answersRight(best)).toBe(true)
})

test('and one without WebAssembly has the one in script', async () => {
  lacking.cipher = true
  vi.stubGlobal('WebAssembly', undefined)
  expect(await bestAead()).toBe(nobleAead)
})
