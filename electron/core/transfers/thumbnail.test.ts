import { describe, expect, test } from 'vitest'
import { THUMB_BYTES_MAX } from '#protocol/limits.ts'
import type { WantThumb } from '#transfer/receiver.ts'
import { FilePrompts, THUMBS_MAX, type FileQuestion } from '#core/prompts.ts'
import { thumbnailUrl } from './thumbnail.ts'

const u16 = (value: number): number[] => [value >> 8, value & 255]
/** A JPEG's beginning: start, a segment of `filler` bytes, the frame's header. */
function jpeg(width: number, height: number, { marker = 0xc0, filler = 14 } = {}): Uint8Array {
  const segment = [0xff, 0xe0, ...u16(filler + 2), ...new Array<number>(filler).fill(0)]
  return Uint8Array.from([
    0xff,
    0xd8,
    ...segment,
    0xff,
    marker,
    ...u16(11),
    8,
    ...u16(height),
    ...u16(width),
    1,
    1,
    17,
    0,
  ])
}
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

test.each([[jpeg(96, 72)], [jpeg(1, 256)], [jpeg(96, 96, { marker: 0xc2 })]])('a small JPEG is shown', (bytes) => {
  expect(thumbnailUrl(bytes)).toBe(`data:image/jpeg;base64,${Buffer.from(bytes).toString('base64')}`)
})

test.each([
  ['one of many pixels', jpeg(65_535, 65_535)],
  ['one a little too wide', jpeg(257, 10)],
  ['one without height', jpeg(96, 0)],
  ['one without a frame', Uint8Array.from([0xff, 0xd8, 0xff, 0xda, 0, 8, 0, 0, 0, 0, 0, 0])],
  ['one that ends early', jpeg(96, 96).subarray(0, 22)],
  ['one whose segment leads out of it', jpeg(96, 96, { filler: 9 }).fill(255, 4, 6)],
  ['one whose segment has no length', Uint8Array.from([0xff, 0xd8, ...new Array<number>(60).fill(0)])],
  ['a PNG', PNG],
  ['a page', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>')],
  ['nothing', new Uint8Array(0)],
  ['too many bytes', Uint8Array.from([...jpeg(96, 96), ...new Array<number>(THUMB_BYTES_MAX).fill(0)])],
])('%s is not', (_, bytes) => {
  expect(thumbnailUrl(bytes)).toBeNull()
})

describe('files that ask', () => {
  const OFFER: FileQuestion = { id: 'f', from: '', kind: 'page', trusted: false, wary: false, name: 'a.jpg', size: 3 }
  function offers(person: 'window' | 'nobody' = 'window') {
    let changes = 0
    const made = new FilePrompts({ person, legacyAlways: () => false, onChange: () => changes++ })
    const looks: ((jpeg: Uint8Array) => void)[] = []
    const look: WantThumb = (seen) => looks.push(seen)
    return { made, looks, look, changes: () => changes }
  }

  test('show a thumbnail once it is there, until the answer; never what is none', async () => {
    const { made, looks, look, changes } = offers()
    const answer = made.ask({ ...OFFER, look })
    looks[0]!(PNG)
    expect([made.thumb('f'), changes()]).toEqual([undefined, 1])
    looks[0]!(jpeg(96, 72))
    expect(made.thumb('f')).toMatch(/^data:image\/jpeg;base64,/)
    expect(changes()).toBe(2)
    made.answer(['f'], false)
    expect([await answer, made.thumb('f')]).toEqual([false, undefined])
    looks[0]!(jpeg(96, 72))
    expect(made.thumb('f')).toBeUndefined()
  })

  test('are not looked at where nobody is asked', async () => {
    const { made, looks, look } = offers()
    expect(await made.ask({ ...OFFER, look, trusted: true })).toBe(true)
    expect(await offers('nobody').made.ask({ ...OFFER, look })).toBe(false)
    expect(looks).toEqual([])
  })

  test('no more than some at a time are looked at', () => {
    const { made, looks, look } = offers()
    const ask = (id: string): void => void made.ask({ ...OFFER, id, look })
    for (let i = 0; i < THUMBS_MAX + 5; i++) ask(`${i}`)
    expect(looks.length).toBe(THUMBS_MAX)
    made.answer(['0'], false)
    ask('next')
    expect(looks.length).toBe(THUMBS_MAX + 1)
  })
})
