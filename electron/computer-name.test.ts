import { expect, test } from 'vitest'
import { computerName, type NameSources } from './computer-name.ts'

const none = (): Promise<string> => Promise.reject(new Error('there is none'))
const nameOn = (sources: Partial<NameSources>): Promise<string> =>
  computerName({ platform: 'linux', machineInfo: none, scutil: none, hostname: () => 'box', ...sources })

test.each([
  ['PRETTY_HOSTNAME="Mei’s Laptop"', 'Mei’s Laptop'],
  ['ICON_NAME=computer\nPRETTY_HOSTNAME=\'The "big" one\'\n', 'The "big" one'],
  ['PRETTY_HOSTNAME=Studio', 'Studio'],
  ['PRETTY_HOSTNAME="A \\"B\\" \\$C"', 'A "B" $C'],
  ['PRETTY_HOSTNAME=', 'box'],
  ['#PRETTY_HOSTNAME="no"', 'box'],
  ['', 'box'],
])('Linux: machine-info with %j is %j', async (text, name) => {
  expect(await nameOn({ machineInfo: () => Promise.resolve(text) })).toBe(name)
})

test('macOS says its name for people; without one its host name is stripped of the network', async () => {
  const macOS = { platform: 'darwin', hostname: () => 'MacBook-Pro-3.local' } as const
  expect(await nameOn({ ...macOS, scutil: () => Promise.resolve('Mei’s MacBook Pro\n') })).toBe('Mei’s MacBook Pro')
  expect(await nameOn(macOS)).toBe('MacBook-Pro-3')
})

test('elsewhere it is the host name, and never anything that could fool a screen', async () => {
  expect(await nameOn({ platform: 'win32', hostname: () => 'DESKTOP-7' })).toBe('DESKTOP-7')
  expect(await nameOn({ machineInfo: () => Promise.resolve('PRETTY_HOSTNAME="a\u202Eb\u0007c"') })).not.toMatch(
    /[\u202E\p{Cc}]/u,
  )
})
