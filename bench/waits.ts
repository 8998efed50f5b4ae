import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventLog } from '../tests/support/events.ts'
import type { Phone } from '../tests/support/phone.ts'
import type { Stage } from './lanes.ts'
import { Cable } from './network/cable.ts'
import { startPairDrop, type PairDrop } from './pairdrop.ts'
import { startPlainHttp, type PlainHttp } from './plain-http.ts'
import type { Row, Section } from './report.ts'
import { knownLanes, startRig } from './rig.ts'
import { Rounds, type Contestant } from './rounds.ts'
import { copyOf, desktopToPhone, finished, type Receiving } from './transfer.ts'
import { unwatched } from '../tests/support/unwatched.ts'

/** Bytes of a photo; how many of them are sent at once, and how large the film is, for each byte of the timed file. */
const PHOTO_BYTES = 4_000_000
const PHOTOS_OF = 1 / 2e6
const FILM_OF = 5

const LINK_MBIT = 100
/** A Wi-Fi: Mbit/s, packets lost of a thousand, ms of delay in each direction and of its variation. */
const WIFI = { mbit: 200, lost: 5, delayMs: 5, jitterMs: 2 }

/** The app with a phone, on a road of some kind. `down`: the way back, where the app has a window to pick files in. */
interface Place {
  readonly receiving: Receiving & { readonly events: EventLog }
  readonly phone: Phone
  readonly plain: PlainHttp
  readonly down?: (file: string) => Promise<number>
  readonly pairdrop?: PairDrop | undefined
}

interface Files {
  readonly photo: string
  readonly film: string
  readonly count: number
  readonly filmBytes: number
}

/** What a person waits for, on loopback, on a cable and on a road like a Wi-Fi, beside plain POST and, if given, PairDrop. */
export async function waitsSection(stage: Stage): Promise<Section[]> {
  const { options, makeFile } = stage
  const filmBytes = Math.round(options.sizeBytes * FILM_OF)
  const files: Files = {
    photo: await makeFile('photo.bin', PHOTO_BYTES),
    film: await makeFile('film.bin', filmBytes),
    count: Math.max(2, Math.round(options.sizeBytes * PHOTOS_OF)),
    filmBytes,
  }
  const sections = [await onLoopback(stage, files)]
  if (process.getuid?.() !== 0) {
    console.error('the cable and the Wi-Fi are left out: they need root')
    return sections
  }
  const cable = await onCable(stage, files, (lan) => {
    lan.limit(LINK_MBIT)
    return `a cable of ${LINK_MBIT} Mbit/s`
  })
  const wifi = await onCable(stage, files, (lan) => {
    const isDelayed = lan.likeWifi(WIFI.mbit, WIFI.lost, WIFI.delayMs, WIFI.jitterMs)
    const delay = isDelayed ? `${WIFI.delayMs} ms with jitter` : 'no delay (this kernel has no netem)'
    return `${WIFI.mbit} Mbit/s, ${WIFI.lost / 10} % loss, ${delay}`
  })
  return [...sections, cable, wifi]
}

async function onLoopback({ browser, folder, options }: Stage, files: Files): Promise<Section> {
  const rig = await startRig({ lane: 'auto', known: knownLanes(), browser })
  let plain: PlainHttp | undefined
  let pairdrop: PairDrop | undefined
  try {
    plain = await startPlainHttp({ browser, folder, file: files.film, bytes: files.filmBytes })
    if (options.pairdrop !== undefined) pairdrop = await startPairDrop(browser, options.pairdrop)
    const down = (file: string): Promise<number> => desktopToPhone(rig.desktop, file, folder)
    const place: Place = { receiving: rig.desktop, phone: rig.phone, plain, down, pairdrop }
    return await measure('loopback', place, files, folder, options.rounds)
  } finally {
    await pairdrop?.close()
    await plain?.close()
    await rig.close()
  }
}

async function onCable({ folder, options }: Stage, files: Files, shape: (lan: Cable['lan']) => string): Promise<Section> {
  const cable = new Cable()
  const { lan } = cable
  let plain: PlainHttp | undefined
  try {
    const title = shape(lan)
    await cable.start(['auto'])
    const place = (program: string, args: readonly string[]) => lan.on(lan.desktop, program, args)
    const { browser } = cable
    plain = await startPlainHttp({ browser, folder, file: files.film, bytes: files.filmBytes, place, address: lan.desktopAddress })
    const [rig] = cable.rigs
    if (rig === undefined) throw new Error('no app on the cable')
    await unwatched(rig.phone.page)
    return await measure(title, { receiving: rig, phone: rig.phone, plain }, files, folder, options.rounds)
  } finally {
    await plain?.close()
    await cable.close()
  }
} // prettier-ignore

async function measure(title: string, place: Place, files: Files, folder: string, rounds: number): Promise<Section> {
  const seen = await Rounds.of(rounds, contestantsOf(place, files, folder))
  const { count, filmBytes } = files
  const what = { photo: 'one photo of 4 MB', photos: `${count} photos of 4 MB`, film: `one film of ${filmBytes / 1e6} MB` }
  const rows = (['photo', 'photos', 'film'] as const).flatMap((kind): Row[] => [
    seen.row(`${what[kind]}, phone to desktop`, 's', ['Lanyard', kind], ['http', 'plain POST']),
    seen.row(`${what[kind]}, plain POST`, 's', ['http', kind]),
    ...(place.down && kind !== 'photos' ? [seen.row(`${what[kind]}, desktop to phone`, 's', ['Lanyard', `${kind} down`])] : []),
    ...(place.pairdrop && kind !== 'photos' ? [seen.row(`${what[kind]}, PairDrop`, 's', ['PairDrop', kind])] : []),
  ])
  const opened = seen.row('opening the link to connected, once more in the same browser', 's', ['Lanyard', 'open'])
  const first = seen.row('one photo of 4 MB at once after that', 's', ['Lanyard', 'first'])
  return { title: `What a person waits for: ${title}, ${rounds} rounds`, rows: [opened, first, ...rows] }
} // prettier-ignore

function contestantsOf({ receiving, phone, plain, down, pairdrop }: Place, files: Files, folder: string): Contestant[] {
  const { photo, film, count, filmBytes } = files
  const ours: Contestant = {
    name: 'Lanyard',
    run: async () => ({
      open: await reopened(phone),
      first: await sendAll(receiving, phone, photo, 1, folder),
      photo: await sendAll(receiving, phone, photo, 1, folder),
      photos: await sendAll(receiving, phone, photo, count, folder),
      film: await sendAll(receiving, phone, film, 1, folder),
      ...(down && { 'photo down': await down(photo), 'film down': await down(film) }),
    }),
  }
  const http: Contestant = {
    name: 'http',
    run: async () => ({
      photo: await plain.posts(1, PHOTO_BYTES),
      photos: await plain.posts(count, PHOTO_BYTES),
      film: await plain.posts(1, filmBytes),
    }),
  }
  const other = pairdrop && {
    name: 'PairDrop',
    run: async () => ({ photo: await pairdrop.send(photo), film: await pairdrop.send(film) }),
  }
  return other ? [ours, http, other] : [ours, http]
}

/** Seconds from loading the page again to "connected". */
async function reopened(phone: Phone): Promise<number> {
  const start = performance.now()
  await phone.page.reload({ waitUntil: 'commit' })
  await phone.is('connected')
  const seconds = (performance.now() - start) / 1000
  await unwatched(phone.page)
  return seconds
}

/** Seconds from the pick to the last one being whole, checked and under its name. */
async function sendAll(to: Receiving, phone: Phone, file: string, count: number, folder: string): Promise<number> {
  const copies: { readonly name: string; readonly path: string }[] = []
  for (let i = 0; i < count; i++) copies.push(await copyOf(file, folder))
  const start = performance.now()
  await phone.send(copies.map(({ path }) => path))
  await Promise.all(copies.map(({ name }) => finished(to, name)))
  const seconds = (performance.now() - start) / 1000
  for (const { name } of copies) await rm(join(to.inbox, name))
  return seconds
}
