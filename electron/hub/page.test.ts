import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ask } from '#hub/testing/http.ts'
import { setStage, type Stage } from '#hub/testing/stage.ts'

const HTML = '<!doctype html><title>Phone</title>'
const CHINESE = '<!doctype html><title>手机</title>'
let dir: string
let stage: Stage
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'lanyard-page-'))
  await mkdir(join(dir, 'page', 'assets'), { recursive: true })
  await writeFile(join(dir, 'secret.txt'), 'secret')
  await writeFile(join(dir, 'page', 'index.html'), HTML)
  await writeFile(join(dir, 'page', 'index.zh-CN.html'), CHINESE)
  await writeFile(join(dir, 'page', 'icon.svg'), '<svg/>')
  await writeFile(join(dir, 'page', 'assets', 'index-abc123.js'), 'let x')
  await symlink(join(dir, 'secret.txt'), join(dir, 'page', 'link.txt')).catch(() => {
    // Windows may not allow it, and then there is nothing to serve.
  })
  stage = await setStage({ pageDir: join(dir, 'page') })
})
afterAll(async () => {
  await stage.clear()
  await rm(dir, { recursive: true })
})

const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
  ask(stage.hub.port, { path, headers, method })

test('the page is at /, with headers that let it do its work and no more', async () => {
  const { status, headers, body } = await get('/')
  expect([status, body.toString()]).toEqual([200, HTML])
  expect(headers['content-security-policy']).toBe(
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; worker-src 'self'; " +
      `connect-src 'self' ws://*:${stage.hub.port}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  )
  expect(headers).toMatchObject({
    'content-type': 'text/html; charset=utf-8',
    'content-length': String(HTML.length),
    'cache-control': 'no-store',
    vary: 'Accept-Language',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'x-frame-options': 'DENY',
  })
})

test.each([
  ['zh-CN,en;q=0.5', CHINESE],
  ['en;q=0.5,zh-TW;q=0.9', CHINESE],
  ['en-GB,zh;q=0.5', HTML],
  ['fr-FR,de;q=0.5', HTML],
  ['zh;q=0', HTML],
  ['<nonsense>', HTML],
])('who reads %s gets the page in that language', async (accept, page) => {
  const { status, headers, body } = await get('/', { 'Accept-Language': accept })
  expect([status, body.toString()]).toEqual([200, page])
  expect(headers).toMatchObject({ vary: 'Accept-Language', 'cache-control': 'no-store', 'x-frame-options': 'DENY' })
})

test('a query changes nothing; the policy names the port of this hub, wherever that may be', async () => {
  const host = `localhost:${stage.hub.port}`
  const { status, headers } = await get('/?from=camera', { Host: host })
  expect(status).toBe(200)
  expect(headers['content-security-policy']).toContain(`connect-src 'self' ws://*:${stage.hub.port};`)
})

test('hashed assets may be kept for ever, the rest is asked for again', async () => {
  const asset = await get('/assets/index-abc123.js')
  expect(asset.headers['content-type']).toBe('text/javascript; charset=utf-8')
  expect(asset.headers['cache-control']).toBe('public, max-age=31536000, immutable')
  const icon = await get('/icon.svg')
  expect([icon.headers['content-type'], icon.headers['cache-control']]).toEqual(['image/svg+xml', 'no-cache'])
  const again = await get('/icon.svg', { 'If-None-Match': icon.headers.etag! })
  expect([again.status, again.body.length]).toEqual([304, 0])
})

test('HEAD has the headers alone, other methods are refused', async () => {
  const head = await get('/', {}, 'HEAD')
  expect([head.status, head.headers['content-length'], head.body.length]).toEqual([200, String(HTML.length), 0])
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE']) {
    const { status, headers } = await get('/', {}, method)
    expect([status, headers.allow]).toEqual([405, 'GET, HEAD'])
  }
})

describe('nothing else', () => {
  test.each([
    '/index.html', '/index.zh-CN.html', '/assets', '/assets/', '/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/assets/../icon.svg',
    '//icon.svg', '/icon.svg/', '/icon.svg%00', '/ICON.SVG', '/link.txt', '/__proto__', '/constructor', '/etc/passwd',
    '/..\\secret.txt', `/${'x'.repeat(8000)}`, '/.git/config',
  ])('%s is not found', async (path) => {
    const { status, headers, body } = await get(path)
    expect([status, body.toString()]).toEqual([404, 'Not found\n'])
    expect(headers['x-content-type-options']).toBe('nosniff')
  }) // prettier-ignore
})

test('a hub without a page, or whose folder is not there, serves none', async () => {
  for (const pageDir of [undefined, join(dir, 'nowhere')]) {
    const bare = await setStage({ pageDir })
    expect((await ask(bare.hub.port, { path: '/' })).status).toBe(404)
    await bare.clear()
  }
})
