import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { updateWayOf, type Copy } from './update-way.ts'

let folder: string
let release: Copy

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'update-way-'))
  await writeFile(join(folder, 'app-update.yml'), 'provider: generic\n')
  release = {
    platform: 'linux',
    isPackaged: true,
    resources: folder,
    program: '/home/somebody/lanyard/lanyard',
    appImage: undefined,
    isSigned: true,
  }
})

afterEach(async () => {
  await rm(folder, { recursive: true, force: true })
})

test('what is run from its sources, or packed without a release, does not look', async () => {
  expect(updateWayOf({ ...release, isPackaged: false })).toEqual({ way: 'none', why: 'development' })
  await rm(join(folder, 'app-update.yml'))
  expect(updateWayOf({ ...release, platform: 'win32' })).toEqual({ way: 'none', why: 'no-feed' })
})

test('Windows replaces itself, signed or not', () => {
  expect(updateWayOf({ ...release, platform: 'win32', isSigned: false })).toEqual({ way: 'self' })
})

test.each([
  ['/Applications/Lanyard.app/Contents/MacOS/lanyard', true, { way: 'self' }],
  ['/Applications/Lanyard.app/Contents/MacOS/lanyard', false, { way: 'page', why: 'unsigned' }],
  ['/Volumes/Lanyard 1.0/Lanyard.app/Contents/MacOS/lanyard', true, { way: 'page', why: 'misplaced' }],
  ['/private/var/folders/x/T/AppTranslocation/1/d/Lanyard.app/Contents/MacOS/lanyard', true, { way: 'page', why: 'misplaced' }], // prettier-ignore
])('macOS at %s, signed: %j', (program, isSigned, way) => {
  expect(updateWayOf({ ...release, platform: 'darwin', program, isSigned })).toEqual(way)
})

test('an AppImage replaces itself where its folder can be written to', async () => {
  const images = join(folder, 'images')
  await mkdir(images)
  const appImage = join(images, 'lanyard.AppImage')
  await writeFile(appImage, '')
  expect(updateWayOf({ ...release, appImage })).toEqual({ way: 'self' })
  for (const other of [join(images, 'gone.AppImage'), join(appImage, 'below-a-file.AppImage')])
    expect(updateWayOf({ ...release, appImage: other })).toEqual({ way: 'page', why: 'read-only' })
})

test('a deb is told by its package manager, an archive by a page; the file that a deb leaves in an archive misleads nobody', async () => {
  expect(updateWayOf(release)).toEqual({ way: 'page', why: 'archive' })
  await writeFile(join(folder, 'package-type'), 'deb')
  expect(updateWayOf({ ...release, program: '/opt/Lanyard/lanyard' })).toEqual({ way: 'page', why: 'package-manager' })
  expect(updateWayOf(release)).toEqual({ way: 'page', why: 'archive' })
})
