import { randomBytes } from 'node:crypto'
import { parse } from '#protocol/parse.ts'
import { Transfile } from '#protocol/hub-events.ts'
import { LEGACY_PIECE_BYTES } from '#protocol/limits.ts'
import { LeftOut, must, type Check } from './checks.ts'
import { ANSWER_MS } from './conversation.ts'
import type { DirectChannel } from './direct-channel.ts'
import type { LegacyDesk, LegacyVisit } from './legacy-desk.ts'
import { pause } from './mailbox.ts'

/** Bytes that this side sends ahead of what the app has reported. */
const AHEAD_BYTES = 8 * LEGACY_PIECE_BYTES
/** ms by which `transfile` goes before the bytes: it takes the way through the hub, and they must not overtake it. */
const LEAD_MS = 250
/** ms within which a client of Socket.IO that comes back has done so. */
const BACK_MS = 3_000

/** Sends a file as the web does, paced by the reports, which have to count what came. */
async function send(visit: LegacyVisit, channel: DirectChannel, name: string, bytes: Uint8Array): Promise<void> {
  visit.say('transfile', { size: bytes.length, name })
  await pause(LEAD_MS)
  let [sent, reported] = [0, 0]
  while (reported < bytes.length) {
    while (sent < bytes.length && sent - reported < AHEAD_BYTES) {
      channel.send(bytes.subarray(sent, sent + LEGACY_PIECE_BYTES))
      sent = Math.min(bytes.length, sent + LEGACY_PIECE_BYTES)
    }
    const total = Number(await visit.next('ctrlSendSpeed'))
    must(total > reported && total <= sent, `it reports ${total} bytes after ${reported}, of ${sent} that were sent`)
    reported = total
  }
}

/** Takes what the app sends after `export`, and reports each piece. Returns its bytes. */
async function receive(visit: LegacyVisit, channel: DirectChannel): Promise<number> {
  const { size, name } = parse(Transfile, await visit.next('transfile'))
  must(name.length > 0, '`transfile` has an empty name')
  let total = 0
  while (total < size) {
    const piece = await channel.messages.take('piece of the file', ANSWER_MS)
    must(typeof piece !== 'string', 'a piece is text')
    must(piece.length <= LEGACY_PIECE_BYTES, `a piece has ${piece.length} bytes`)
    total += piece.length
    visit.say('ctrlSendSpeed', Math.min(total, size))
  }
  return size
}

/** The rows of a list: an array, or the first array within an object. */
function rowsOf(list: unknown): readonly unknown[] {
  const found = Array.isArray(list) ? list : Object.values(Object(list) as object).find((one) => Array.isArray(one))
  must(Array.isArray(found), '`syncto` has no list')
  return found
}

/** Sections 3.1, 4, 6.4 and 7: what the desktop expects of an app of 2018. */
export const LEGACY_CHECKS: readonly Check<LegacyDesk>[] = [
  {
    name: 'legacy-register',
    section: '3.1',
    about: 'registers as an app, with the uid of the link',
    run: async (desk) => {
      await desk.visit()
    },
  },
  {
    name: 'legacy-list',
    section: '6.4',
    about: 'says its list by `syncto` when it hears `syncfrom`',
    run: async (desk) => {
      const { visit } = await desk.connected()
      const rows = rowsOf(await visit.next('syncto'))
      for (const row of rows) must(row !== null, 'an item of the list is nothing')
      desk.hasRecords = rows.length > 0
    },
  },
  {
    name: 'legacy-offer',
    section: '4',
    about: 'offers one channel of its own, and anew at every `syncfrom`',
    run: async (desk) => {
      const { visit, channel } = await desk.connected()
      await channel.close()
      await desk.connected()
      must(visit.faults.length === 0, visit.faults.join('; '))
    },
  },
  {
    name: 'legacy-receive',
    section: '7',
    about: 'receives files of a byte, of whole pieces and of a part more, and reports its total after each message',
    run: async (desk) => {
      const { visit, channel } = await desk.connected()
      for (const size of [1, 2 * LEGACY_PIECE_BYTES, 40 * LEGACY_PIECE_BYTES + 7])
        await send(visit, channel, `received-${size}.bin`, randomBytes(size))
    },
  },
  {
    name: 'legacy-export',
    section: '7',
    about: 'answers `export` by one file: `transfile`, then its bytes in pieces of at most 16 KiB, paced by reports',
    run: async (desk) => {
      const { visit, channel } = await desk.connected()
      if (!desk.hasRecords) throw new LeftOut('its list is empty')
      while (visit.said.takeNow(({ event }) => event === 'transfile') !== undefined);
      visit.say('export', [])
      const size = await receive(visit, channel)
      must(size > 0, 'the file is empty, though there are records')
    },
  },
  {
    name: 'legacy-return',
    section: '3.1',
    about: 'registers again, by itself, when its connection to the hub breaks, and offers again',
    run: async (desk) => {
      const { visit } = await desk.connected()
      await desk.leave()
      visit.cut()
      await desk.registered()
      await desk.connected()
    },
  },
  {
    name: 'legacy-replaced',
    section: '3.1',
    about: 'does not come back by itself when the hub ends its connection',
    run: async (desk) => {
      const visit = await desk.visit()
      await desk.leave()
      visit.expel()
      const again = await desk.registered(BACK_MS).catch(() => null)
      must(again === null, 'it came back, though another one has its place')
    },
  },
]
