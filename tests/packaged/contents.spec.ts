import { listPackage } from '@electron/asar'
import { FuseV1Options, getCurrentFuseWire } from '@electron/fuses'
import { join } from 'node:path'
import { expect, test } from '@playwright/test'

// How a fuse is written in the program's bytes.
const OFF = '0'.charCodeAt(0)
const ON = '1'.charCodeAt(0)

const FOLDER = join(import.meta.dirname, '../../release/linux-unpacked')

test('the program runs nothing but the app', async () => {
  const wire = await getCurrentFuseWire(join(FOLDER, 'lanyard'))
  const states = [
    [FuseV1Options.RunAsNode, OFF],
    [FuseV1Options.EnableNodeOptionsEnvironmentVariable, OFF],
    [FuseV1Options.EnableNodeCliInspectArguments, OFF],
    [FuseV1Options.OnlyLoadAppFromAsar, ON],
    [FuseV1Options.GrantFileProtocolExtraPrivileges, OFF],
    [FuseV1Options.EnableCookieEncryption, ON],
  ] as const
  for (const [fuse, state] of states) expect(wire[fuse], FuseV1Options[fuse]).toBe(state)
})

test('the archive has nothing but what runs', () => {
  const files = listPackage(join(FOLDER, 'resources/app.asar'), { isPack: false })
  const kinds = files.filter((file) => !/^\/(?:out(?:\/|$)|package\.json$)/.test(file))
  expect(kinds).toEqual([])
  expect(files.filter((file) => /\.(?:map|ts|svelte|md)$|node_modules|\.test\./.test(file))).toEqual([])
  // An empty list would pass too.
  for (const file of ['/out/main/main.js', '/out/preload', '/out/renderer/index.html', '/out/phone'])
    expect(files).toContain(file)
})
