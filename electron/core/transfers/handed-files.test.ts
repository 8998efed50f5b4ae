import { expect, test } from 'vitest'
import { HandedFiles, lastUsedFirst } from './handed-files.ts'

interface Stage {
  readonly handed: HandedFiles
  readonly here: string[]
  /** What was sent, as `phone: paths`. */
  readonly sent: string[]
  /** Phones that take nothing. */
  readonly gone: Set<string>
}

function stage(here: string[], canAsk = true): Stage {
  const sent: string[] = []
  const gone = new Set<string>()
  const send = async (id: string, paths: readonly string[]): Promise<void> => {
    await Promise.resolve()
    if (gone.has(id)) throw new Error('peer-left')
    sent.push(`${id}: ${paths.join(' ')}`)
  }
  const handed = new HandedFiles({ here: () => here, send, canAsk, onChange: () => undefined })
  return { handed, here, sent, gone }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('one phone is here: they go', async () => {
  const { handed, sent } = stage(['a'])
  handed.take(['/1', '/2'])
  await settled()
  expect(sent).toEqual(['a: /1 /2'])
  expect(handed.view).toBeNull()
})

test('none is here: they wait, more join them, and all go to the first that comes and to no other', async () => {
  const { handed, here, sent } = stage([])
  handed.take(['/1'])
  handed.take(['/2', '/1'])
  expect(handed.view).toEqual({ count: 2, name: '1', phones: null })
  for (const id of ['a', 'b']) {
    here.push(id)
    handed.came(id)
  }
  await settled()
  expect(sent).toEqual(['a: /1 /2'])
})

test('several are here: a person is asked, and nothing but the answer sends them', async () => {
  const { handed, here, sent } = stage(['b', 'a'])
  handed.take(['/1'])
  expect(handed.view).toEqual({ count: 1, name: '1', phones: ['b', 'a'] })
  // One goes: whoever was asked looks at the question still. Another one comes: it was not meant.
  here.shift()
  handed.take(['/2'])
  here.push('c')
  handed.came('c')
  expect(handed.view).toEqual({ count: 2, name: '1', phones: ['a', 'c'] })
  handed.answer(['a', 'c'])
  await settled()
  expect(sent).toEqual(['a: /1 /2', 'c: /1 /2'])
  expect(handed.view).toBeNull()
})

test('the answer can be that nobody gets them, before a phone is here as well', async () => {
  for (const here of [['a', 'b'], []]) {
    const { handed, sent } = stage(here)
    handed.take(['/1'])
    handed.answer([])
    handed.came('a')
    await settled()
    expect(sent).toEqual([])
    expect(handed.view).toBeNull()
  }
})

test('without a window nobody can be asked: they go to the phone that was used last', async () => {
  const { handed, sent } = stage(['b', 'a'], false)
  handed.take(['/1'])
  await settled()
  expect(sent).toEqual(['b: /1'])
})

test('a phone that leaves at that moment loses nothing: they wait for the next', async () => {
  const { handed, here, sent, gone } = stage(['a'])
  gone.add('a')
  handed.take(['/1'])
  here.pop()
  await settled()
  expect(handed.view).toMatchObject({ count: 1, phones: null })
  handed.came('b')
  await settled()
  expect(sent).toEqual(['b: /1'])
})

test('what is no text of a name is shown as something that can be read', () => {
  const { handed } = stage([])
  handed.take(['/x/caf\udce9\u202egpj.exe'])
  expect(handed.view?.name).toMatch(/^caf\u00e9/)
  expect(handed.view?.name).not.toContain('\u202e')
})

test('the last used comes first, and the others stay as they are', () => {
  expect(lastUsedFirst(['a', 'b', 'c'], ['c', 'x', 'b', 'c'])).toEqual(['c', 'b', 'a'])
  expect(lastUsedFirst(['a', 'b'], [])).toEqual(['a', 'b'])
})
