import { expect, test } from 'vitest'
import { REASONS } from '#protocol/errors.ts'
import type { DeviceView } from '#electron/app-state.ts'
import { speak } from '#messages/locale'
import { deviceLine, deviceName } from './device-text.ts'
import { summarise } from './summary.ts'

speak(['en'])

const here: DeviceView = {
  id: 'a',
  name: 'Pixel 8',
  kind: 'page',
  state: 'here',
  autoAccept: true,
  texts: true,
  clipboard: false,
  unheard: 0,
}
const away: DeviceView = { ...here, id: 'b', state: 'away' }
const coming: DeviceView = { ...here, id: 'c', state: 'connecting' }
const troubled: DeviceView = { ...coming, trouble: 'no-connection' }
const link = { id: 'l', text: 'http://x' }

test.each([
  [[], null, 'offline', 'There is no network.'],
  [[], link, 'waiting', "Point your phone's camera here."],
  [[here], link, 'here', 'Pixel 8 is here.'],
  [[here], null, 'here', 'Pixel 8 is here.'],
  [[here, { ...here, id: 'z' }], link, 'here', '2 phones are here.'],
  [[away, here], link, 'here', 'Pixel 8 is here.'],
  [[away], link, 'away', 'Pixel 8 is away.'],
  [[away, { ...away, id: 'z' }], link, 'away', 'The phones are away.'],
  [[away, coming], link, 'connecting', 'Pixel 8 is connecting…'],
  [[coming, troubled], link, 'trouble', 'Pixel 8 is not connected.'],
] as const)('%#: %s', (devices, shown, state, text) => {
  expect(summarise({ devices, link: shown })).toEqual({ state, text })
})

test('a device without a name is called after its kind', () => {
  expect(deviceName({ name: '', kind: 'legacy' })).toBe('Phone')
  expect(deviceName({ name: '', kind: 'desktop' })).toBe('Computer')
  expect(deviceName({ name: 'Mei', kind: 'page' })).toBe('Mei')
})

test.each(REASONS)('a device with trouble %s says what to do', (trouble) => {
  expect(deviceLine({ ...coming, trouble })).toMatch(/\.$/u)
})

test('a device says how it is', () => {
  expect(deviceLine(here)).toBe('Browser page · direct')
  expect(deviceLine(coming)).toBe('Connecting…')
  expect(deviceLine(away)).toBe('Away. It can come back on its own.')
})
