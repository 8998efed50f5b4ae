import { describe, expect, test } from 'vitest'
import { OURS } from '#core/records/text-export.ts'
import { allFolders, kindOf, landingFolder, type LandingFolders } from './landing-folders.ts'

const RULES: LandingFolders = {
  inbox: '/in',
  kindFolders: { pictures: '/pics', videos: '/films' },
  phoneFolders: { a: '/mei' },
}
const file = (name: string, ...folders: string[]) => ({ folders, name })

test.each([
  ['IMG_1.HEIC', 'pictures'],
  ['a.b.jpeg', 'pictures'],
  ['film.MOV', 'videos'],
  ['jpg', 'other'],
  ['photo.jpg.exe', 'other'],
  ['notes.txt', 'other'],
])('%s is of %s', (name, kind) => {
  expect(kindOf(name)).toBe(kind)
})

describe('a file lands', () => {
  test.each([
    ['with its kind', 'b', file('x.png'), '/pics'],
    ['in the inbox where its kind has no folder', 'b', file('x.pdf'), '/in'],
    ['with its phone before its kind', 'a', file('x.png'), '/mei'],
    ['with the folder that it was sent in', 'b', file('x.png', 'Holiday'), '/in'],
    ['in the inbox when this computer writes it', OURS, file('x.png'), '/in'],
  ])('%s', (_, device, lands, folder) => {
    expect(landingFolder(RULES, device, lands)).toBe(folder)
  })
})

test('all folders are each once, the inbox first', () => {
  expect(allFolders({ ...RULES, phoneFolders: { a: '/mei', b: '/in', c: '/mei' } })).toEqual([
    ...['/in', '/pics', '/films', '/mei'],
  ])
})
