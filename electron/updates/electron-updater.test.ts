import { expect, test } from 'vitest'
import { failureOf } from './electron-updater.ts'

const coded = (code: string, message = ''): Error => Object.assign(new Error(message), { code })

test.each([
  [coded('ERR_CHECKSUM_MISMATCH', 'sha512 checksum mismatch, expected a, got b'), 'wrong-hash'],
  [coded('ERR_UPDATER_INVALID_SIGNATURE'), 'wrong-hash'],
  [coded('ENOSPC', 'no space left on device'), 'disk'],
  [coded('EACCES'), 'disk'],
  [new Error('net::ERR_INTERNET_DISCONNECTED'), 'offline'],
  [new Error('net::ERR_NAME_NOT_RESOLVED'), 'offline'],
  [new Error('net::ERR_CONNECTION_REFUSED'), 'no-answer'],
  [new Error('net::ERR_CONTENT_LENGTH_MISMATCH'), 'no-answer'],
  [coded('ERR_UPDATER_CHANNEL_FILE_NOT_FOUND', 'HttpError: 404'), 'no-answer'],
  [coded('ECONNRESET'), 'no-answer'],
  [new Error('something else'), 'failed'],
  [undefined, 'failed'],
])('%s is told as %s', (error, why) => {
  expect(failureOf(error)).toBe(why)
})
