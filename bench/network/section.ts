import type { Stage } from '../lanes.ts'
import { startPlainHttp, type PlainHttp } from '../plain-http.ts'
import type { Section } from '../report.ts'
import { Rounds } from '../rounds.ts'
import { phoneToDesktop } from '../transfer.ts'
import { Cable } from './cable.ts'
import { distantSection } from './distant.ts'

/** Mbit/s of the cable, and what is lost on it, %. */
const LINK_MBIT = 100
const LOSS_PERCENT = 1
/** These are slow networks: so much less than the timed file goes over them. */
const SHARE = 4

/** A distant hub, with everything side by side. */
export const distantSections = (stage: Stage): Promise<Section> => distantSection(stage, bytesOf(stage))

const bytesOf = ({ options }: Stage): number => Math.max(1e6, Math.round(options.sizeBytes / SHARE))

/** A slow cable, and the same with loss, each with everything side by side. */
export async function cableSections(stage: Stage): Promise<Section[]> {
  const { folder, options } = stage
  const bytes = bytesOf(stage)
  const file = await stage.makeFile('cable.bin', bytes)
  const cable = new Cable()
  const { lan } = cable
  let plain: PlainHttp | undefined
  try {
    lan.limit(LINK_MBIT)
    await cable.start()
    const place = (program: string, args: readonly string[]) => lan.on(lan.desktop, program, args)
    plain = await startPlainHttp({ browser: cable.browser, folder, file, bytes, place, address: lan.desktopAddress })
    const http = plain
    const measure = async (title: string): Promise<Section> => {
      const seen = await Rounds.of(options.rounds, [
        ...cable.rigs.map((rig) => ({
          name: rig.lane,
          run: async () => ({ up: bytes / 1e6 / (await phoneToDesktop(rig, rig.phone, file, folder)) }),
        })),
        { name: 'http', run: async () => ({ up: await http.post() }) },
      ])
      const rows = [
        ...cable.known.map((lane) => seen.row(`Lanyard, lane ${lane}`, 'MB/s', [lane, 'up'], ['http', 'plain POST'])),
        seen.row('plain http POST', 'MB/s', ['http', 'up']),
      ]
      return { title: `${title}, ${bytes / 1e6} MB from phone to desktop`, rows }
    }
    const clean = await measure(`A cable of ${LINK_MBIT} Mbit/s`)
    lan.lose(LOSS_PERCENT)
    const lossy = await measure(`The same cable with ${LOSS_PERCENT} % loss`)
    const dropped = [lan.desktop, lan.phone].map((host) => lan.dropped(host, 'loss'))
    return [clean, { ...lossy, title: `${lossy.title}; packets lost at the desktop and the phone: ${dropped.join(', ')}` }]
  } finally {
    await plain?.close()
    await cable.close()
  }
} // prettier-ignore
