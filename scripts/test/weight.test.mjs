import { expect, test } from 'vitest'
import { filesOf, weights } from './weight.mjs'

const FILES = new Map([
  ['/index.html', '<script src="/assets/a.js"></script><link href="/icon.svg">'],
  ['/index.zh-CN.html', '<script src="/assets/c.js">'],
  ['/assets/a.js', 'new Worker("/assets/worker.js");m=["assets/start-1.js","assets/start-2.css"]'],
  ['/assets/start-1.js', 'import "./a.js"'],
  ['/assets/start-2.css', ''],
  ['/assets/c.js', ''],
  ['/assets/worker.js', ''],
  ['/icon.svg', ''],
  ['/assets/of-before.js', ''],
])

test('what a page loads is what it names, and what that names: not the page of another language', () => {
  const all = [...FILES.keys()].filter((path) => !path.endsWith('.html'))
  const read = (/** @type {string} */ path) => FILES.get(path) ?? ''
  expect(filesOf('/index.html', all, read).sort()).toEqual([
    '/assets/a.js',
    '/assets/start-1.js',
    '/assets/start-2.css',
    '/assets/worker.js',
    '/icon.svg',
    '/index.html',
  ])
  expect(filesOf('/index.zh-CN.html', all, read).sort()).toEqual(['/assets/c.js', '/index.zh-CN.html'])
})

test('the worker of the sealed socket, and what comes for records and texts, are weighed apart', () => {
  const socket = '/assets/socket-worker-B0_x-9.js'
  const extras = ['/assets/start-B0_x-9.js', '/assets/start-C1.css']
  const files = ['/index.html', socket, '/assets/hash-worker-B0.js', ...extras]
  expect(weights(files, (path) => path.length)).toEqual({ page: 36, socket: 31, extras: 43 })
})
