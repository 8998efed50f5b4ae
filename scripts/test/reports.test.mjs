import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { ofPlaywright, ofReport, ofVitest, slowest } from './reports.mjs'

const folder = mkdtempSync(join(tmpdir(), 'reports-'))
afterAll(() => rmSync(folder, { recursive: true }))

test('a vitest file that does not load is a failure', () => {
  const testResults = [{ status: 'failed', assertionResults: [] }]
  expect(ofVitest({ numTotalTests: 3, numPassedTests: 3, testResults })).toMatchObject({ passed: 3, failed: 1 })
})

test('a skipped vitest test has not passed', () => {
  expect(ofVitest({ numTotalTests: 3, numPassedTests: 2, testResults: [] })).toMatchObject({ passed: 2, failed: 1 })
})

test('flaky and skipped tests of playwright have not passed', () => {
  const stats = { expected: 5, unexpected: 1, flaky: 1, skipped: 1 }
  expect(ofPlaywright({ stats, errors: [] })).toMatchObject({ passed: 5, failed: 3 })
})

test('an error outside of any playwright test is a failure', () => {
  const stats = { expected: 5, unexpected: 0, flaky: 0, skipped: 0 }
  const why = ['\n    no tests found']
  expect(ofPlaywright({ stats, errors: [{ message: 'no tests found' }] })).toEqual({
    passed: 5,
    failed: 1,
    why,
    times: [],
  })
})

test('what failed is told in a few lines, without colours, for a log of which only the end is kept', () => {
  const broken = (/** @type {string} */ title, /** @type {string} */ message) => ({
    title,
    tests: [{ status: 'unexpected', results: [{ error: { message } }] }],
  })
  const fine = { title: 'fine', tests: [{ status: 'expected', results: [{}] }] }
  const lines = Array.from({ length: 20 }, (_, i) => `line ${i}`).join('\n\n')
  const suites = [{ specs: [fine], suites: [{ specs: [broken('a', '\u001b[31mred\u001b[39m'), broken('b', lines)] }] }]
  const { why } = ofPlaywright({ stats: { expected: 1, unexpected: 2, flaky: 0, skipped: 0 }, errors: [], suites })
  expect(why).toEqual(['a\n    red', `b${Array.from({ length: 8 }, (_, i) => `\n    line ${i}`).join('')}`])
  const assertionResults = [
    { fullName: 'x y', status: 'failed', failureMessages: ['Error: no'] },
    { fullName: 'x z', status: 'passed' },
  ]
  const testResults = [{ name: 'x.test.ts', status: 'failed', assertionResults }]
  expect(ofVitest({ numTotalTests: 2, numPassedTests: 1, testResults }).why).toEqual(['x y\n    Error: no'])
})

test('the slowest of both runners are told together, the slowest first', () => {
  const assertionResults = [
    { fullName: 'lanes choose', status: 'passed', duration: 1200 },
    { fullName: 'lanes end', status: 'passed', duration: 40 },
  ]
  const unit = ofVitest({ numTotalTests: 2, numPassedTests: 2, testResults: [{ status: 'passed', assertionResults }] })
  const tests = [{ status: 'expected', results: [{ duration: 15_000 }] }]
  const suites = [{ suites: [{ specs: [{ file: 'resume.spec.ts', title: 'goes on', tests }] }] }]
  const e2e = ofPlaywright({ stats: { expected: 1, unexpected: 0, flaky: 0, skipped: 0 }, errors: [], suites })
  const told = ['  15.0 s  resume.spec.ts: goes on', '   1.2 s  lanes choose']
  expect(slowest([...unit.times, ...e2e.times], 2)).toEqual(told)
})

test('a report that is missing, broken or rosier than the exit code is a failure', () => {
  const file = join(folder, 'report.json')
  const read = () => ({ passed: 4, failed: 0 })
  expect(ofReport(file, 0, read)).toEqual({ passed: 0, failed: 1 })
  writeFileSync(file, '{"half":')
  expect(ofReport(file, 0, read)).toEqual({ passed: 0, failed: 1 })
  writeFileSync(file, '{}')
  expect(ofReport(file, 1, read)).toEqual({ passed: 4, failed: 1 })
  expect(ofReport(file, 0, read)).toEqual({ passed: 4, failed: 0 })
})
