import { expect, test } from 'vitest'
import { onTerminal } from './foreign-text.ts'

test.each([
  ['photo\u202egpj.exe', 'photo gpj.exe'],
  ['a\u001b[2Jb\u009bc\nd\u2028e', 'a [2Jb c d e'],
  ['a\u200db\u034fc', 'ab c'],
  ['می\u200cخواهم', 'می\u200cخواهم'],
  ['👨\u200d👩\u200d👧', '👨\u200d👩\u200d👧'],
])('%j is shown as %j', (text, shown) => {
  expect(onTerminal(text, 100)).toBe(shown)
})
