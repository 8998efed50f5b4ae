import { DelayTcp } from '../../tests/support/delay-tcp.ts'
import { DelayUdp } from '../../tests/support/delay-udp.ts'
import { Phone } from '../../tests/support/phone.ts'
import type { Stage } from '../lanes.ts'
import { startPlainHttp } from '../plain-http.ts'
import type { Section } from '../report.ts'
import { knownLanes, startRig, type Rig } from '../rig.ts'
import { Rounds } from '../rounds.ts'
import { desktopToPhone, phoneToDesktop } from '../transfer.ts'

/** ms in each direction, so a round trip takes twice as long. */
const DELAY_MS = 20

/** Both ways with a relay of this process between the two, for UDP and for the hub's TCP alike. */
export async function distantSection(stage: Stage, bytes: number): Promise<Section> {
  const { browser, folder, options, makeFile } = stage
  const file = await makeFile('distant.bin', bytes)
  const megabytes = bytes / 1e6
  const known = knownLanes()
  const closing: (() => Promise<void>)[] = []
  const open = <T extends { close(): Promise<void> }>(thing: T): T => {
    closing.unshift(() => thing.close())
    return thing
  }
  try {
    const rigs: { readonly rig: Rig; readonly relay: DelayUdp }[] = []
    for (const lane of known) {
      const relay = open(await DelayUdp.open({ delayMs: DELAY_MS }))
      const join = async (_: typeof browser, link: string): Promise<Phone> => {
        const proxy = open(await DelayTcp.before(link, DELAY_MS))
        const phone = await Phone.open(browser, proxy.link, relay.trick)
        await phone.is('connected')
        return phone
      }
      rigs.push({ rig: open(await startRig({ lane, known, browser, join })), relay })
    }
    const reach = async (port: number): Promise<string> =>
      open(await DelayTcp.before(`http://127.0.0.1:${port}/`, DELAY_MS)).link
    const plain = open(await startPlainHttp({ browser, folder, file, bytes, reach }))
    const seen = await Rounds.of(options.rounds, [
      ...rigs.map(({ rig: { lane, desktop, phone } }) => ({
        name: lane,
        run: async () => ({
          up: megabytes / (await phoneToDesktop(desktop, phone, file, folder)),
          down: megabytes / (await desktopToPhone(desktop, file, folder)),
        }),
      })),
      { name: 'http', run: async () => ({ up: await plain.post(), down: await plain.get() }) },
    ])
    const passed = rigs.map(({ relay }) => relay.passed)
    const rows = (['up', 'down'] as const).flatMap((way) => {
      const title = way === 'up' ? 'phone to desktop' : 'desktop to phone'
      return [
        ...known.map((lane) => seen.row(`Lanyard, lane ${lane}, ${title}`, 'MB/s', [lane, way], ['http', 'plain http'])),
        seen.row(`plain http, ${title}`, 'MB/s', ['http', way]),
      ]
    }) // prettier-ignore
    return {
      title: `${DELAY_MS} ms more in each direction by a user-space relay (UDP packets relayed: ${passed.join(', ')}), ${megabytes} MB`,
      rows,
    }
  } finally {
    for (const close of closing) await close()
  }
}
