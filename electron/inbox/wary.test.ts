import { expect, test } from 'vitest'
import { safeName } from './names.ts'
import { needsClick } from './wary.ts'

test.each([
  'desktop.ini',
  'AutoRun.INF',
  'a.lnk',
  'a.URL',
  'a.scf',
  'a.library-ms',
  'photos.jpg.desktop',
  'a.lnk. .',
  'a.l\u200bnk',
])('D69 %s needs a click', (name) => {
  expect(needsClick(safeName(name))).toBe(true)
})

test.each(['photo.jpg', 'desktop.ini.txt', 'lnk', 'a.urls', 'report.pdf', '.bashrc'])('%s does not', (name) => {
  expect(needsClick(safeName(name))).toBe(false)
})
