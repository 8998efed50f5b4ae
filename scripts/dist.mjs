// npm run dist [-- dir|release]: packages for this machine's system, into release/.
//   dir      only the unpacked app
//   release  refuses anything but the official runtime, and needs LANYARD_REPOSITORY=owner/name
import { chmodSync } from 'node:fs'
import { describeRuntime, resolveElectron } from './electron-runtime.mjs'
import { inRoot, packageBin } from './lib/paths.mjs'
import { releaseRepository } from './lib/repository.mjs'
import { runNode } from './lib/run.mjs'
import { say } from './lib/say.mjs'
import { command, setup } from './setup.mjs'
import { signingOf } from './signing.mjs'

const LIMIT_MS = 30 * 60_000
/** @type {Partial<Record<NodeJS.Platform, string>>} */
const SYSTEM = { linux: '--linux', darwin: '--mac', win32: '--win' }
const FALLBACK_NAME = 'lanyard-${version}-${os}-${arch}-fallback-runtime.${ext}'

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [env]
 */
async function electronBuilder(args, env = {}) {
  // Packages are made here and uploaded by the release workflow, never by this.
  const all = [...args, '--publish', 'never']
  const { code } = await runNode(packageBin('electron-builder'), all, { env, limitMs: LIMIT_MS })
  if (code !== 0) throw new Error(`electron-builder ended with ${code}`)
}

/** The homepage and the place of updates of a release. */
function releasePlace() {
  const { owner, repo } = releaseRepository()
  return [
    `-c.extraMetadata.homepage=https://github.com/${owner}/${repo}`,
    '-c.publish.provider=github',
    `-c.publish.owner=${owner}`,
    `-c.publish.repo=${repo}`,
  ]
}

/**
 * electron-builder's tools come from where the runtime could not be had either, so the registry's and Debian's stand in.
 * AppImage has no such stand-in.
 * @param {import('./electron-runtime.mjs').Runtime} runtime
 * @param {boolean} onlyFolder
 */
async function packFallback({ dist, version }, onlyFolder) {
  const asIs = `-c.electronVersion=${version}`
  await electronBuilder(['--linux', 'dir', asIs, `-c.electronDist=${dist}`])
  if (onlyFolder) return
  const { path7za } = (await import('7zip-bin')).default
  chmodSync(path7za, 0o755) // npm unpacks it without the bit
  const env = {
    ELECTRON_BUILDER_7ZIP_PATH: path7za,
    CUSTOM_FPM_PATH: inRoot('scripts/fpm-deb.mjs'),
    // These packages are for trying out: quick is better than small.
    ELECTRON_BUILDER_COMPRESSION_LEVEL: '1',
    FPM_DEB_COMPRESSION: 'gz',
  }
  const unpacked = ['--prepackaged', inRoot('release/linux-unpacked'), asIs, `-c.artifactName=${FALLBACK_NAME}`]
  await electronBuilder(['--linux', 'tar.gz', 'deb', ...unpacked], env)
  say('no AppImage: its runtime cannot be downloaded here; releases have it')
  say('nothing for arm64: the runtime that was prepared here is for x64; releases have it')
  say('nothing for Windows and macOS: each is packed on its own system by the release job')
}

await command(async () => {
  const mode = process.argv[2] ?? 'all'
  if (!['all', 'dir', 'release'].includes(mode)) throw new Error(`no such kind of package: ${mode}`)
  const place = mode === 'release' ? releasePlace() : []
  if (mode === 'release') process.env['ELECTRON_RUNTIME'] = 'official'
  await setup({ build: true })
  const runtime = await resolveElectron()
  say(`packing ${describeRuntime(runtime)}`)
  const system = SYSTEM[process.platform]
  if (system === undefined) throw new Error(`nothing is packed on ${process.platform}`)
  if (runtime.source === 'official') {
    const { mark, args } = signingOf(process.platform, process.env)
    if (mark !== '') say(`these packages are ${mark}, and say so in their names`)
    await electronBuilder([system, ...(mode === 'dir' ? ['dir'] : []), ...place, ...args])
  } else if (process.platform === 'linux') await packFallback(runtime, mode === 'dir')
  else throw new Error('packages are made from the official runtime here')
  return 0
})
