import { describe, expect, test } from 'vitest'
import { PairingLinks } from './pairing-links.ts'

describe('PairingLinks', () => {
  test('are all different, and tell neither uid nor key by their id', () => {
    const links = new PairingLinks()
    for (let i = 0; i < 50; i++) links.renew()
    const { all } = links
    expect(new Set(all.map(({ id }) => id)).size).toBe(51)
    expect(new Set(all.map(({ uid }) => uid)).size).toBe(51)
    expect(new Set(all.map(({ key }) => key?.join())).size).toBe(51)
    for (const { uid, key } of all) expect([uid.length, key?.length]).toEqual([22, 32])
  })

  test('forgetting takes away the right one, and never the one on the screen', () => {
    const links = new PairingLinks()
    const first = links.current
    const second = links.renew()
    links.forget('nonsense')
    links.forget(second.id)
    links.forget(first.id)
    expect(links.all).toEqual([second])
    expect([links.hosts(first.uid), links.hosts(second.uid)]).toEqual([false, true])
  })

  test('uids that are names of objects are not hosted', () => {
    for (const uid of ['__proto__', 'constructor', 'toString']) expect(new PairingLinks().hosts(uid)).toBe(false)
  })
})
