import { randomBytes } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import { PickedFile } from './picked-file.ts'

const MIB = 1_048_576
const SIZE = 9 * MIB + 5
const bytes = Uint8Array.from(randomBytes(SIZE))

/** A real File, whose reading is counted; `lacks` what some browsers lack. */
function picked(lacks: readonly ('byob' | 'stream' | 'arrayBuffer')[] = []) {
  const seen = { slices: 0, streams: 0, cancelled: 0 }
  const watch = (blob: Blob): void => {
    const [slice, stream] = [blob.slice.bind(blob), blob.stream.bind(blob)]
    blob.slice = (...range) => {
      const made = slice(...range)
      watch(made)
      seen.slices++
      return made
    }
    blob.stream = () => {
      const made = stream()
      const getReader = made.getReader.bind(made) as (options?: { mode: 'byob' }) => unknown
      made.getReader = ((options?: { mode: 'byob' }) => {
        if (lacks.includes('byob')) throw new TypeError('not a byte stream')
        seen.streams++
        const reader = getReader(options) as ReadableStreamBYOBReader
        const cancel = reader.cancel.bind(reader)
        reader.cancel = (why) => {
          seen.cancelled++
          return cancel(why)
        }
        return reader
      }) as never
      return made
    }
    if (lacks.includes('stream')) Object.defineProperty(blob, 'stream', { value: undefined })
  }
  const file = new File([bytes], 'film.bin')
  watch(file)
  return { open: new PickedFile(file), file, seen }
}

const part = (offset: number, length: number): Buffer => Buffer.from(bytes.subarray(offset, offset + length))

describe.each([
  ['streams that take memory', []],
  ['other streams', ['byob']],
  ['no streams', ['stream']],
] as const)('in a browser with %s', (_, lacks) => {
  test('every block comes, in order, again and out of order', async () => {
    const { open } = picked(lacks)
    const order = [0, 1, 2, 1, 3, 7, 8, 0, 4, 5]
    for (const index of order) {
      const block = await open.read(index * MIB, MIB, new Uint8Array(MIB))
      expect(Buffer.compare(part(index * MIB, MIB), block), `block ${index}`).toBe(0)
    }
    const [last, first] = await Promise.all([open.read(9 * MIB, 5), open.read(0, 7)])
    expect([Buffer.from(last), Buffer.from(first)]).toEqual([part(9 * MIB, 5), part(0, 7)])
    await expect(open.finish()).resolves.toEqual({})
    await open.close()
  })

  test('what is not there any more is told', async () => {
    const { open } = picked(lacks)
    await expect(open.read(9 * MIB, 6)).rejects.toMatchObject({ code: 'source-changed' })
  })
})

test('blocks in a row come by one stream, in the memory that was given', async () => {
  const { open, seen } = picked()
  let room = new Uint8Array(MIB)
  for (let i = 0; i < 9; i++) {
    const given = room
    room = await open.read(i * MIB, MIB, room)
    // It went along, and nothing was made in its place.
    expect([given.length, room.buffer.byteLength]).toEqual([0, MIB])
  }
  expect(seen).toEqual({ slices: 2, streams: 1, cancelled: 0 })
  await open.close()
  expect(seen.cancelled).toBe(1)
})

test('a block that is wanted again does not cost the stream its place', async () => {
  const { open, seen } = picked()
  for (const index of [0, 1, 0, 2, 3]) await open.read(index * MIB, MIB)
  expect(seen).toMatchObject({ streams: 1, cancelled: 0 })
  await open.close()
})

test('a small file is read whole', async () => {
  const open = new PickedFile(new File([bytes.subarray(0, 100)], 'note.txt'))
  const stream = vi.spyOn(Blob.prototype, 'stream')
  expect(Buffer.from(await open.read(0, 100))).toEqual(part(0, 100))
  await open.finish()
  expect(stream).not.toHaveBeenCalled()
  vi.restoreAllMocks()
})

test('a file that changed is noticed at its end, also where every byte came', async () => {
  const { open, file } = picked()
  await open.read(0, MIB)
  const slice = vi.spyOn(Blob.prototype, 'arrayBuffer').mockRejectedValue(new DOMException('', 'NotReadableError'))
  await expect(open.finish()).rejects.toMatchObject({ code: 'source-changed' })
  expect([slice.mock.calls.length, file.size]).toEqual([1, SIZE])
  vi.restoreAllMocks()
})
