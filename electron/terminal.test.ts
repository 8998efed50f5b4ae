import { expect, test } from 'vitest'
import { terminalReporter } from './terminal.ts'

function told() {
  const lines: string[] = []
  const report = terminalReporter(
    (text) => lines.push(text),
    () => undefined,
  )
  return { lines, report }
}

const device = { id: 'a', name: 'Pixel' }

test('a text is shown to who sits at the terminal, and steers nothing', () => {
  const { lines, report } = told()
  report({ event: 'text', device, text: 'see\u001b[2J \u202eyou\nthere' })
  expect(lines).toEqual(['Text from Pixel: see [2J  you there\n'])
})

test('a very long one is cut', () => {
  const { lines, report } = told()
  report({ event: 'text', device, text: 'x'.repeat(32_768) })
  expect(lines[0]?.length).toBeLessThan(2_100)
})

test('a file’s name steers nothing either', () => {
  const { lines, report } = told()
  const view = { id: '1', direction: 'out', bytes: 1, total: 1, lane: 'webrtc', proof: 'verified' } as const
  report({ event: 'transfer', device, ...view, name: 'a\u001b]0;b\u0007.txt', state: 'done', phase: 'checking' })
  expect(lines.join('')).not.toMatch(/[\u001b\u0007]/) // eslint-disable-line no-control-regex -- what is looked for
})
