// node scripts/release.mjs FOLDER: writes what belongs beside the packages of a release into the folder that holds them:
//   SHA256SUMS      for `sha256sum --check`
//   sbom.cdx.json   what the packages are made of (CycloneDX)
//   winget/         manifests for a pull request to microsoft/winget-pkgs
//   homebrew/       a cask
//   NOTES.md        the release's text: its part of the changelog, and what each system says when a package is opened
// LANYARD_REPOSITORY=owner/name says where the packages will be.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { createReadStream, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { pipeline } from 'node:stream/promises'
import { stringify } from 'yaml'
import { inRoot, readJson } from './lib/paths.mjs'
import { releaseRepository } from './lib/repository.mjs'
import { say } from './lib/say.mjs'
import { command } from './setup.mjs'

const PACKAGE = /\.(?:AppImage|deb|tar\.gz|exe|dmg|zip)$/
const WINGET_SCHEMA = '1.6.0'

/**
 * @typedef {object} Release
 * @property {string} version
 * @property {string} owner of the repository
 * @property {string} repo
 * @property {Readonly<Record<string, string>>} hashes SHA-256 in hex by the file's name
 */

/** @param {Release} release */
const pageOf = ({ owner, repo }) => `https://github.com/${owner}/${repo}`

/**
 * @param {Release} release
 * @param {string} file
 */
const urlOf = (release, file) => `${pageOf(release)}/releases/download/v${release.version}/${file}`

/**
 * Returns the lines that `sha256sum --check` reads.
 * @param {Release} release
 */
export const checksums = ({ hashes }) =>
  Object.keys(hashes)
    .sort()
    .map((file) => `${hashes[file]}  ${file}\n`)
    .join('')

/**
 * Returns winget's three manifests by their names; none where an installer is missing or unsigned, which winget refuses.
 * @param {Release} release
 * @returns {Record<string, string>}
 */
export function winget(release) {
  const { version, owner, hashes } = release
  const installers = ['x64', 'arm64'].map((arch) => ({ arch, file: `lanyard-${version}-win-${arch}.exe` }))
  if (installers.some(({ file }) => hashes[file] === undefined)) return {}
  const id = `${owner}.Lanyard`
  const head = { PackageIdentifier: id, PackageVersion: version }
  const tail = { ManifestVersion: WINGET_SCHEMA }
  return {
    [`${id}.yaml`]: stringify({ ...head, DefaultLocale: 'en-US', ManifestType: 'version', ...tail }),
    [`${id}.installer.yaml`]: stringify({
      ...head,
      InstallerType: 'nullsoft',
      Scope: 'user',
      Installers: installers.map(({ arch, file }) => ({
        Architecture: arch,
        InstallerUrl: urlOf(release, file),
        InstallerSha256: hashes[file]?.toUpperCase(),
      })),
      ManifestType: 'installer',
      ...tail,
    }),
    [`${id}.locale.en-US.yaml`]: stringify({
      ...head,
      PackageLocale: 'en-US',
      Publisher: 'Lanyard contributors',
      PackageName: 'Lanyard',
      PackageUrl: pageOf(release),
      License: 'MIT',
      ShortDescription: 'Ties a phone to a computer over the local network',
      ManifestType: 'defaultLocale',
      ...tail,
    }),
  }
}

/**
 * Returns the Homebrew cask; null where a package is missing or not notarised, which Homebrew refuses.
 * @param {Release} release
 */
export function cask(release) {
  const { version, hashes } = release
  const [arm, intel] = ['arm64', 'x64'].map((arch) => hashes[`lanyard-${version}-mac-${arch}.dmg`])
  if (arm === undefined || intel === undefined) return null
  return `cask "lanyard" do
  arch arm: "arm64", intel: "x64"

  version "${version}"
  sha256 arm:   "${arm}",
         intel: "${intel}"

  url "${pageOf(release)}/releases/download/v#{version}/lanyard-#{version}-mac-#{arch}.dmg"
  name "Lanyard"
  desc "Ties a phone to a computer over the local network"
  homepage "${pageOf(release)}"

  auto_updates true

  app "Lanyard.app"

  zap trash: [
    "~/Library/Application Support/lanyard",
    "~/Library/Logs/lanyard",
  ]
end
`
}

/**
 * Returns the part of the changelog about a version, without its heading. Throws where there is none.
 * @param {string} changelog
 * @param {string} version
 */
export function changesOf(changelog, version) {
  const parts = changelog.split(/^## /m)
  const part = parts.find((one) => one.split(/[\s(]/, 1)[0] === version)
  if (part === undefined) throw new Error(`CHANGELOG.md says nothing of ${version}`)
  return part.slice(part.indexOf('\n')).trim()
}

const WARNINGS = {
  'win-unsigned': `**Windows** packages of this release are not signed. Windows says "Windows protected your PC"; *More info* and
*Run anyway* start the installer. With Smart App Control switched on Windows does not start it at all.`,
  'mac-unsigned': `**macOS** packages of this release are not signed. macOS says that it could not verify Lanyard; after that,
*Open Anyway* in System Settings, Privacy & Security, starts it. It does not update itself, and shows no notifications.`,
  'mac-not-notarised': `**macOS** packages of this release are signed and not notarised. macOS says that it could not verify Lanyard;
after that, *Open Anyway* in System Settings, Privacy & Security, starts it.`,
}

/**
 * Returns the text of a release.
 * @param {Release} release
 * @param {string} changelog
 */
export function notes(release, changelog) {
  const files = Object.keys(release.hashes).sort()
  const marks = new Set(files.map((file) => /-(win|mac)-.*-(unsigned|not-notarised)\./.exec(file)?.slice(1).join('-')))
  const warnings = Object.entries(WARNINGS).flatMap(([mark, text]) => (marks.has(mark) ? [text] : []))
  return [
    changesOf(changelog, release.version),
    '### Files',
    files.map((file) => `- [${file}](${urlOf(release, file)})`).join('\n'),
    'Linux packages carry no signature. `sha256sum --check --ignore-missing SHA256SUMS` compares what was downloaded.',
    ...warnings,
  ]
    .map((part) => `${part}\n`)
    .join('\n')
}

/** @param {string} path */
async function sha256(path) {
  const hash = createHash('sha256')
  await pipeline(createReadStream(path), hash)
  return hash.digest('hex')
}

/**
 * @param {string} folder
 * @returns {Promise<Release>}
 */
async function releaseIn(folder) {
  const { owner, repo } = releaseRepository()
  const files = readdirSync(folder).filter((name) => PACKAGE.test(name))
  if (files.length === 0) throw new Error(`no packages in ${folder}`)
  /** @type {Record<string, string>} */
  const hashes = {}
  for (const file of files) hashes[file] = await sha256(join(folder, file))
  return { version: readJson(inRoot('package.json')).version, owner, repo, hashes }
}

/**
 * @param {string} folder
 * @param {Record<string, string>} files
 */
function write(folder, files) {
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href)
  await command(async () => {
    const folder = resolve(process.argv[2] ?? 'release')
    const release = await releaseIn(folder)
    const sbom = execFileSync('npm', ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'], {
      cwd: inRoot('.'),
      encoding: 'utf8',
      shell: process.platform === 'win32',
    })
    const changelog = readFileSync(inRoot('CHANGELOG.md'), 'utf8')
    write(folder, { SHA256SUMS: checksums(release), 'sbom.cdx.json': sbom, 'NOTES.md': notes(release, changelog) })
    const forWinget = winget(release)
    if (Object.keys(forWinget).length === 0) say('no manifests for winget: they need signed installers of both kinds')
    else write(join(folder, 'winget'), forWinget)
    const brew = cask(release)
    if (brew === null) say('no cask for Homebrew: it needs notarised packages of both kinds')
    else write(join(folder, 'homebrew'), { 'lanyard.rb': brew })
    return 0
  })
