import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { askWifi, codeOf, type RunProgram } from './wifi.ts'

const UUID = '0f6ba3f5-5d53-4f2e-8f6a-b8b3a2a2c0de'
const ACTIVE = `1b4e28ba-2fa1-11d2-883f-0016d3cca427:bridge\n${UUID}:802-11-wireless\n`

/** NetworkManager, as nmcli 1.42 answers. */
function manager(told: Readonly<Record<string, string>>, active = ACTIVE): RunProgram & { readonly asked: string[] } {
  const asked: string[] = []
  const answer: RunProgram = (program, args) => {
    asked.push([program, ...args].join(' '))
    if (args.includes('--active')) return Promise.resolve(active)
    const isSecret = args[0] === '-s'
    if (isSecret && told['psk'] === undefined) return Promise.reject(new Error('not authorised'))
    const psk = isSecret ? (told['psk'] ?? '') : '<hidden>'
    return Promise.resolve(
      `802-11-wireless.ssid:${told['ssid'] ?? ''}\n802-11-wireless.hidden:${told['hidden'] ?? 'no'}\n` +
        `802-11-wireless-security.key-mgmt:${told['kind'] ?? '--'}\n802-11-wireless-security.psk:${psk}\n`,
    )
  }
  return Object.assign(answer, { asked })
}

describe('NetworkManager tells', () => {
  test('the network and its password, colons and all', async () => {
    const ask = manager({ ssid: 'Caf\u00e9: 2', kind: 'wpa-psk', psk: 'a;b:c\\d' })
    expect(await askWifi(ask)).toEqual({ name: 'Caf\u00e9: 2', code: 'WIFI:T:WPA;S:Caf\u00e9\\: 2;P:a\\;b\\:c\\\\d;;' })
    expect(ask.asked.filter((line) => line.startsWith('nmcli -s'))).toHaveLength(1)
  })
  test('an open one, for which nobody is asked', async () => {
    const ask = manager({ ssid: 'Guests', hidden: 'yes' })
    expect(await askWifi(ask)).toEqual({ name: 'Guests', code: 'WIFI:T:nopass;S:Guests;H:true;;' })
    expect(ask.asked.some((line) => line.includes('-s '))).toBe(false)
  })
  test('the name only: a person said no, or each has a password of their own', async () => {
    expect(await askWifi(manager({ ssid: 'Home', kind: 'wpa-psk' }))).toEqual({ name: 'Home', code: null })
    expect(await askWifi(manager({ ssid: 'Office', kind: 'wpa-eap', psk: '' }))).toEqual({ name: 'Office', code: null })
  })
  test('nothing: it is on a cable, or there is no NetworkManager', async () => {
    expect(await askWifi(manager({}, 'x:802-3-ethernet\n'))).toEqual({ name: null, code: null })
    expect(await askWifi(() => Promise.reject(new Error('ENOENT')))).toEqual({ name: null, code: null })
  })
})

test('what a code says is escaped', () => {
  const text = codeOf({ name: 'a"b,c', isHidden: false, kind: 'sae', password: '12345678' })
  expect(text).toBe('WIFI:T:WPA;S:a\\"b\\,c;P:12345678;;')
})

describe('with a program of that name', () => {
  let folder = ''
  afterEach(async () => {
    vi.unstubAllEnvs()
    await rm(folder, { recursive: true, force: true })
  })
  test.runIf(process.platform === 'linux')('it is asked in the language that is read', async () => {
    folder = await mkdtemp(join(tmpdir(), 'lanyard-nmcli-'))
    const script = `#!/bin/sh\n[ "$LC_ALL" = C ] || exit 1\ncase "$*" in *--active*) echo '${UUID}:802-11-wireless';; *) printf '802-11-wireless.ssid:Home\\n802-11-wireless-security.key-mgmt:wpa-psk\\n802-11-wireless-security.psk:secret12\\n';; esac\n`
    await writeFile(join(folder, 'nmcli'), script)
    await chmod(join(folder, 'nmcli'), 0o755)
    vi.stubEnv('PATH', `${folder}${delimiter}${process.env['PATH'] ?? ''}`)
    expect(await askWifi()).toEqual({ name: 'Home', code: 'WIFI:T:WPA;S:Home;P:secret12;;' })
  })
})
