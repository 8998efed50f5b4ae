// What a release is signed with, by the environment: nothing of it is in the repository.
//   Windows  AZURE_SIGN_ENDPOINT, AZURE_SIGN_ACCOUNT, AZURE_SIGN_PROFILE, AZURE_SIGN_PUBLISHER beside the AZURE_* variables
//            that Microsoft's client takes; or CSC_LINK (WIN_CSC_LINK) with its password
//   macOS    CSC_LINK (or CSC_NAME) for the identity; APPLE_API_KEY, APPLE_API_KEY_ID and APPLE_API_ISSUER, or APPLE_ID,
//            APPLE_APP_SPECIFIC_PASSWORD and APPLE_TEAM_ID, for the notarisation

const AZURE = {
  AZURE_SIGN_ENDPOINT: 'endpoint',
  AZURE_SIGN_ACCOUNT: 'codeSigningAccountName',
  AZURE_SIGN_PROFILE: 'certificateProfileName',
  AZURE_SIGN_PUBLISHER: 'publisherName',
}
const NOTARISATION = [
  ['APPLE_API_KEY', 'APPLE_API_KEY_ID', 'APPLE_API_ISSUER'],
  ['APPLE_ID', 'APPLE_APP_SPECIFIC_PASSWORD', 'APPLE_TEAM_ID'],
]

/**
 * @typedef {object} Signing
 * @property {boolean} isTrusted whether the system opens the package without a warning about who made it
 * @property {string} mark what its name says of it; '' where there is nothing to say
 * @property {string[]} args for electron-builder
 */

/**
 * Returns how packages of a system are signed. Throws where half of what it takes is set.
 * @param {NodeJS.Platform} platform
 * @param {NodeJS.ProcessEnv} env
 * @returns {Signing}
 */
export function signingOf(platform, env) {
  // An AppImage, a deb that is downloaded and a tar.gz have no signature that a system looks at: their hashes are published.
  if (platform === 'win32') return windowsSigning(env)
  return platform === 'darwin' ? macSigning(env) : { isTrusted: true, mark: '', args: [] }
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Signing}
 */
function windowsSigning(env) {
  if (isWhole(env, Object.keys(AZURE))) {
    const args = Object.entries(AZURE).map(([name, option]) => `-c.win.azureSignOptions.${option}=${env[name]}`)
    return { isTrusted: true, mark: '', args }
  }
  return isSet(env, 'WIN_CSC_LINK') || isSet(env, 'CSC_LINK')
    ? { isTrusted: true, mark: '', args: [] }
    : named('unsigned')
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {Signing}
 */
function macSigning(env) {
  const notarised = NOTARISATION.map((names) => isWhole(env, names)).includes(true)
  if (!isSet(env, 'CSC_LINK') && !isSet(env, 'CSC_NAME')) {
    if (notarised) throw new Error('notarisation needs an identity: CSC_LINK or CSC_NAME')
    return named('unsigned', ['-c.mac.identity=null'])
  }
  return notarised ? { isTrusted: true, mark: '', args: [] } : named('not-notarised')
}

/**
 * @param {string} mark
 * @param {string[]} [args]
 * @returns {Signing}
 */
const named = (mark, args = []) => ({
  isTrusted: false,
  mark,
  // The app reads it: macOS lets nothing that is unsigned replace itself.
  args: [
    ...args,
    '-c.extraMetadata.signed=false',
    `-c.artifactName=lanyard-\${version}-\${os}-\${arch}-${mark}.\${ext}`,
  ],
})

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string} name
 */
const isSet = (env, name) => (env[name] ?? '') !== ''

/**
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} names
 */
function isWhole(env, names) {
  const missing = names.filter((name) => !isSet(env, name))
  if (missing.length === 0) return true
  if (missing.length < names.length) throw new Error(`signing needs ${missing.join(', ')} as well`)
  return false
}
