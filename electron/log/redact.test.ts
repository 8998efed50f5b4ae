import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Redactor } from './redact.ts'

const redactor = new Redactor(['Mei', 'Studio', '/home/mei', 'Pixel 8'])

describe('a line loses', () => {
  test.each([
    ['scan http://192.168.1.20:3186/#2.q83vEjRWeJCrze8SNFZ4kA.Zk3w0b8m7cTz2nVQy5r.0 now', 'scan [link] now'],
    ['refused 10.0.0.7 and 192.168.1.0/24', 'refused [address] and [address]'],
    ['from fe80::1ff:fe23:4567:890a%eth0, ::1 too', 'from [address], [address] too'],
    ['adapter 00:1a:2b:3c:4d:5e left', 'adapter [address] left'],
    ["ENOENT: no such file, open '/srv/share/a b.txt'", 'ENOENT: no such file, open [name]'],
    ['open /srv/my files/tax 2026.pdf failed', 'open [path]'],
    ['at C:\\Users\\Mei Lin\\Downloads\\x.png', 'at [path]'],
    ['at startHub (/opt/Lanyard of Mei/resources/app.asar/out/main/main.js:10:5)', 'at startHub (main.js:10:5)'],
    ['at file:///home/mei/lanyard/out/main/hub.js:1:2', 'at (hub.js:1:2)'],
    ["'it's mine.txt' can’t be read", '[name] can’t be read'],
    ['on \\\\nas\\share\\film.mkv', 'on [path]'],
    ['Pixel 8 ended the connection: tampered', '[name] ended the connection: tampered'],
    ['connection to pixel 8 ended', 'connection to [name] ended'],
    ['“holiday.zip” can’t be read', '[name] can’t be read'],
    ['key q83vEjRWeJCrze8SNFZ4kA and deadbeefdeadbeef00', 'key [secret] and [secret]'],
    ['mei@example.org wrote', '[address] wrote'],
    ['box-7.local answers', '[address] answers'],
  ])('%j', (line, left) => {
    expect(redactor.redact(line)).toBe(left)
  })
})

test('what says what went wrong stays', () => {
  for (const line of [
    'transfer in failed: disk-full, lane webrtc, 1048576 bytes',
    'TypeError: a is not a function',
    'EACCES: permission denied',
    'at 12:30:59 the window cannot reach the hub on this computer',
    'renderer process gone: crashed, exit code 133',
  ])
    expect(redactor.redact(line)).toBe(line)
})

describe('whatever stands around it, nothing of it is left', () => {
  const around = fc.stringMatching(/^[a-z ,.()=-]{0,12}$/)
  const octet = fc.integer({ min: 0, max: 255 })
  const letters = fc.stringMatching(/^[a-z]{6,12}$/)
  const secrets = {
    'an IPv4 address': fc.tuple(octet, octet, octet, octet).map((four) => four.join('.')),
    'an IPv6 address': fc.ipV6().filter((text) => !/^[:.0]*$/.test(text) && /:.*:/.test(text)),
    'a path': fc.array(letters, { minLength: 2, maxLength: 5 }).map((parts) => `/${parts.join('/')}`),
    'a Windows path': fc.array(letters, { minLength: 2, maxLength: 5 }).map((parts) => `D:\\${parts.join('\\')}`),
    'a link': fc
      .tuple(octet, fc.stringMatching(/^[\w-]{22}$/))
      .map(([last, uid]) => `http://192.168.1.${last}:3186/#2.${uid}.0`),
    'a key': fc.uint8Array({ minLength: 16, maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('base64url'))
      .filter((text) => /\d/.test(text) && /[a-z]/i.test(text)),
    'a uid': fc.uint8Array({ minLength: 16, maxLength: 32 }).map((bytes) => Buffer.from(bytes).toString('hex'))
      .filter((text) => /[a-f]/.test(text) && /\d/.test(text)),
    'a quoted name': letters.map((name) => `“${name}.pdf”`),
  } // prettier-ignore

  test.each(Object.entries(secrets))('%s', (_, secret) => {
    fc.assert(
      fc.property(around, secret, around, (before, text, after) => {
        const line = new Redactor().redact(`${before} ${text} ${after}`)
        for (const part of text.split(/[^\p{L}\p{N}]+/u).filter((one) => one.length > 5))
          expect(line.includes(part) && !`${before} ${after}`.includes(part)).toBe(false)
        expect(line).not.toContain(text)
        expect(line).toMatch(/\[(?:address|path|link|secret|name)\]/)
      }),
    )
  })

  test('a known name, in any case and inside of anything', () => {
    fc.assert(
      fc.property(around, fc.string({ minLength: 3 }), fc.boolean(), (before, name, louder) => {
        fc.pre(name.trim().length >= 3)
        const hidden = new Redactor([name])
        const said = louder ? name.toUpperCase() : name
        fc.pre(said.toLowerCase() === name.toLowerCase())
        const line = hidden.redact(`${before}${said.trim()}`)
        // What is left around the marks has none of it; a mark may have the same letters as a name.
        for (const rest of line.split(/\[(?:address|path|link|secret|name)\]/u))
          expect(rest.toLowerCase()).not.toContain(name.trim().toLowerCase())
        expect(line).toMatch(/\[(?:address|path|link|secret|name)\]/u)
      }),
    )
  })
})
