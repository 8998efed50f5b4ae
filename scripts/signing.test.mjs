import { expect, test } from 'vitest'
import { signingOf } from './signing.mjs'

const AZURE = {
  AZURE_SIGN_ENDPOINT: 'https://sign.example',
  AZURE_SIGN_ACCOUNT: 'account',
  AZURE_SIGN_PROFILE: 'profile',
  AZURE_SIGN_PUBLISHER: 'Lanyard contributors',
}
const KEY = { APPLE_API_KEY: 'key.p8', APPLE_API_KEY_ID: 'id', APPLE_API_ISSUER: 'issuer' }
const ACCOUNT = { APPLE_ID: 'a@b.example', APPLE_APP_SPECIFIC_PASSWORD: 'x', APPLE_TEAM_ID: 't' }

test('without certificates a package says in its name that it is unsigned', () => {
  for (const platform of /** @type {const} */ (['win32', 'darwin'])) {
    const { isTrusted, mark, args } = signingOf(platform, {})
    expect([isTrusted, mark]).toEqual([false, 'unsigned'])
    expect(args.join(' ')).toContain('-unsigned.${ext}')
  }
  expect(signingOf('darwin', {}).args).toContain('-c.mac.identity=null')
})

test('on Linux there is nothing to say', () => {
  expect(signingOf('linux', {})).toEqual({ isTrusted: true, mark: '', args: [] })
})

test.each([[AZURE], [{ CSC_LINK: 'file.pfx' }], [{ WIN_CSC_LINK: 'file.pfx' }]])('Windows is signed by %j', (env) => {
  expect(signingOf('win32', env)).toMatchObject({ isTrusted: true, mark: '' })
})

test('the Azure account reaches electron-builder whole', () => {
  expect(signingOf('win32', AZURE).args.sort()).toEqual([
    '-c.win.azureSignOptions.certificateProfileName=profile',
    '-c.win.azureSignOptions.codeSigningAccountName=account',
    '-c.win.azureSignOptions.endpoint=https://sign.example',
    '-c.win.azureSignOptions.publisherName=Lanyard contributors',
  ])
})

test.each([[KEY], [ACCOUNT]])('macOS is trusted with an identity and %j', (notarisation) => {
  expect(signingOf('darwin', { CSC_LINK: 'file.p12', ...notarisation })).toEqual({
    isTrusted: true,
    mark: '',
    args: [],
  })
  expect(signingOf('darwin', { CSC_LINK: 'file.p12' }).mark).toBe('not-notarised')
})

test.each(
  /** @type {[NodeJS.Platform, NodeJS.ProcessEnv][]} */ ([
    ['win32', { ...AZURE, AZURE_SIGN_PROFILE: '' }],
    ['darwin', { CSC_LINK: 'x', APPLE_ID: 'a@b.example' }],
    ['darwin', KEY],
  ]),
)('half of what it takes is an error, not an unsigned package: %s %j', (platform, env) => {
  expect(() => signingOf(platform, env)).toThrow(/needs/)
})
