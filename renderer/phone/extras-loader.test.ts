import { expect, test } from 'vitest'
import type { SyncFrame } from '#protocol/frames.ts'
import type { Extras, ExtrasPage } from './extras/extras.ts'
import { ExtrasLoader } from './extras-loader.ts'

const text = (i: number): SyncFrame => ({ t: 'text', id: String(i), text: 'x' })

test('what is said before the script is there waits for it in order, up to a bound', async () => {
  const heard: unknown[] = []
  const extras: Extras = {
    greeted: (takesTexts) => heard.push(takesTexts),
    receive: (frame) => heard.push('id' in frame ? frame.id : frame.t),
    thumbnail: () => Promise.resolve(null),
  }
  let come!: (extras: Extras) => void
  const loader = new ExtrasLoader({} as ExtrasPage, () => new Promise((resolve) => (come = resolve)))
  for (let i = 0; i < 100; i++) loader.greeted(i % 2 === 1)
  // Of a phone, not for one.
  for (let i = 0; i < 10_000; i++) loader.receive({ t: 'changed' })
  for (let i = 0; i < 10_000; i++) loader.receive(text(i))
  come(extras)
  await loader.thumbnail(new File([], 'x'))
  expect(heard).toEqual([true, ...Array.from({ length: 512 }, (_, i) => String(i))])
  loader.receive(text(-1))
  loader.greeted(false)
  expect(heard.slice(-2)).toEqual(['-1', false])
})
