import { expect, test } from 'vitest'
import { Pasted } from './local-source.ts'

const PNG = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
const image = (size: number, magic = PNG): Uint8Array => {
  const bytes = new Uint8Array(size)
  bytes.set(magic)
  return bytes
}

test('an image is named by what it is, and read as often as needed', async () => {
  const pasted = new Pasted()
  expect(pasted.source(image(100), 'Pasted')).toMatchObject({ name: 'Pasted.png', size: 100 })
  const source = pasted.source(image(50, [0xff, 0xd8, 0xff]), 'Pasted')
  expect(source.name).toBe('Pasted.jpg')
  const open = await source.open()
  const first = await open.read(0, 10)
  // Whoever sends it may take the buffer away.
  structuredClone(first.buffer, { transfer: [first.buffer] })
  expect([...(await open.read(0, 3))]).toEqual([0xff, 0xd8, 0xff])
  expect((await open.finish()).sha256).toMatch(/^[0-9a-f]{64}$/)
})

test.each([[[]], [[0x3c, 0x68, 0x74, 0x6d, 0x6c]], [[0x4d, 0x5a]]])('what is no image is not sent: %j', (magic) => {
  expect(() => new Pasted().source(image(20, magic), 'x')).toThrow(expect.objectContaining({ code: 'bad-name' }))
})

test('the oldest go when they are too much to keep', async () => {
  const pasted = new Pasted()
  const sources = [1, 2, 3].map((n) => pasted.source(image(60_000_000), `${n}`))
  await expect(sources[0]!.open()).rejects.toMatchObject({ code: 'source-changed' })
  for (const source of sources.slice(1)) await expect(source.open()).resolves.toBeDefined()
})
