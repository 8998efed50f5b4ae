import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { inRoot, readJson } from './lib/paths.mjs'
import { cask, changesOf, checksums, notes, winget } from './release.mjs'

const CHANGELOG =
  '# Changelog\n\n## 1.2.10 (later)\n\n- Ten.\n\n## 1.2.1 (2026-12-01)\n\n### Added\n\n- One.\n\n## 1.2.0\n'

/** @param {string[]} files */
const releaseOf = (...files) => ({
  version: '1.2.1',
  owner: 'someone',
  repo: 'lanyard',
  hashes: Object.fromEntries(files.map((file, i) => [file, `${i}`.repeat(64)])),
})
const WINDOWS = ['lanyard-1.2.1-win-x64.exe', 'lanyard-1.2.1-win-arm64.exe']
const MAC = ['lanyard-1.2.1-mac-arm64.dmg', 'lanyard-1.2.1-mac-x64.dmg']

test('the sums are what sha256sum reads, in order', () => {
  expect(checksums(releaseOf('b.deb', 'a.deb'))).toBe(`${'1'.repeat(64)}  a.deb\n${'0'.repeat(64)}  b.deb\n`)
})

test('winget is told both installers, where they are and their hashes', () => {
  const files = winget(releaseOf(...WINDOWS))
  expect(Object.keys(files)).toHaveLength(3)
  expect(parse(files['someone.Lanyard.installer.yaml'] ?? '')).toMatchObject({
    PackageIdentifier: 'someone.Lanyard',
    PackageVersion: '1.2.1',
    Installers: [
      {
        Architecture: 'x64',
        InstallerUrl: 'https://github.com/someone/lanyard/releases/download/v1.2.1/lanyard-1.2.1-win-x64.exe',
        InstallerSha256: '0'.repeat(64),
      },
      { Architecture: 'arm64', InstallerSha256: '1'.repeat(64) },
    ],
  })
  expect(parse(files['someone.Lanyard.yaml'] ?? '')).toMatchObject({ ManifestType: 'version', DefaultLocale: 'en-US' })
})

test('Homebrew is told both packages', () => {
  const text = cask(releaseOf(...MAC))
  expect(text).toContain(`sha256 arm:   "${'0'.repeat(64)}",\n         intel: "${'1'.repeat(64)}"`)
  expect(text).toContain('/releases/download/v#{version}/lanyard-#{version}-mac-#{arch}.dmg"')
})

test('there are none for packages that are unsigned, or for one processor alone', () => {
  expect(winget(releaseOf(...WINDOWS.map((file) => file.replace('.exe', '-unsigned.exe'))))).toEqual({})
  expect(winget(releaseOf(...WINDOWS.slice(1)))).toEqual({})
  expect(cask(releaseOf(...MAC.map((file) => file.replace('.dmg', '-not-notarised.dmg'))))).toBeNull()
  expect(cask(releaseOf(...MAC.slice(1)))).toBeNull()
})

test('the changes are those of the version, not of one that begins alike', () => {
  expect(changesOf(CHANGELOG, '1.2.1')).toBe('### Added\n\n- One.')
  expect(() => changesOf(CHANGELOG, '1.2')).toThrow('says nothing of 1.2')
})

test('the changelog says something of this version', () => {
  const { version } = readJson(inRoot('package.json'))
  expect(changesOf(readFileSync(inRoot('CHANGELOG.md'), 'utf8'), version).length).toBeGreaterThan(100)
})

test('the text says what a system will say to a package that is not signed, and only then', () => {
  const signed = notes(releaseOf(...WINDOWS, ...MAC), CHANGELOG)
  expect(signed).toContain('- One.')
  expect(signed).toContain('(https://github.com/someone/lanyard/releases/download/v1.2.1/lanyard-1.2.1-mac-x64.dmg)')
  expect(signed).not.toMatch(/not signed|not notarised/)
  const others = ['lanyard-1.2.1-win-x64-unsigned.exe', 'lanyard-1.2.1-mac-x64-not-notarised.dmg']
  const text = notes(releaseOf(...others), CHANGELOG)
  expect(text).toContain('Windows protected your PC')
  expect(text).toContain('signed and not notarised')
  expect(text).not.toContain('shows no notifications')
})
