import { expect, test } from 'vitest'
import { webLink } from './web-link.ts'

test.each([
  ['https://example.org/a?b#c', 'example.org'],
  ['  HTTP://Example.org:8080  ', 'example.org:8080'],
  ['  http://10.0.0.1:8080/a?b=c#d \n', '10.0.0.1:8080'],
  ['HTTPS://EXAMPLE.ORG', 'example.org'],
  // Shown as what it is: not the letters that look alike.
  ['https://еxample.org/', 'xn--xample-2of.org'],
])('%s is a link to %s', (text, host) => {
  expect(webLink(text)?.host).toBe(host)
})

test.each([
  'javascript:alert(1)',
  'data:text/html,<script>alert(1)</script>',
  'file:///etc/passwd',
  'intent://x#Intent;scheme=http;end',
  'see https://example.org',
  'https://example.org and more',
  'https://',
  'http://',
  'https://ex\u0007ample.org',
  'https://ex\u0085ample.org',
  'https://bank.example@elsewhere.example/',
  'http://[',
  `https://example.org/${'x'.repeat(9_000)}`,
  '',
])('%s is none', (text) => {
  expect(webLink(text)).toBeNull()
})
