import { writeSync } from 'node:fs'
import { openStore } from '../open-store.ts'
import { page, record } from './samples.ts'

// A program that keeps page after page and says so, until it is killed.
// node killed.js FILE FROM

const [file = '', from = '0'] = process.argv.slice(2)
/** Records of a page: enough that a commit is many writes. */
const RECORDS = 40

const store = openStore(file, (line) => say(`note ${line}`))
const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

say(`found ${store.records.cursor('d')} ${store.records.count('d')} ${store.note?.what ?? 'whole'}`)
for (let number = Number(from); ; number++) {
  const list = Array.from({ length: RECORDS }, (_, i) =>
    // Every other page changes records of the page before.
    record(`${(number - (number % 2)) * RECORDS + i}`, number, { text: `${number} is in ${i} `.repeat(20) }),
  )
  store.records.keep('d', page(list, { cursor: String(number), more: true, fresh: number === 0 }))
  store.history.add({
    at: number,
    device: 'd',
    deviceName: 'D',
    direction: 'in',
    what: 'text',
    name: '',
    size: 1,
    result: 'done',
  })
  say(`kept ${number}`)
}
