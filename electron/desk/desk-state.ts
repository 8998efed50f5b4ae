import { basename } from 'node:path'
import type { DeskState } from '#electron/shell-api.ts'
import type { Desk } from './desk.ts'
import type { DeskOptions } from './desk-options.ts'

type Known = Pick<DeskOptions, 'network' | 'token' | 'inbox' | 'name' | 'fileNotes'>

/** All that the window shows. `port`: the hub's, 0 while it does not listen; `text`: the link on the screen. */
export function deskState(desk: Desk, { network, token, inbox, name, fileNotes }: Known, port: number, text: string | null): DeskState {
  const { links, board, legacy } = desk
  return {
    hub: { url: `http://127.0.0.1:${port}`, token },
    link: text === null ? null : { id: links.current.id, text },
    address: network.address === null ? null : { host: network.address, port },
    addresses: network.choices,
    hosted: port === 0 ? [] : links.all.map(({ id, uid }) => ({ id, uid })),
    devices: desk.seen.map((device) => device.view()),
    transfers: board.transfers(),
    batches: board.batches(),
    unfinished: desk.leftovers.views(),
    sendNote: desk.sendNote.view,
    ...desk.library.state(),
    fileNotes: fileNotes?.() ?? [],
    lane: desk.laneWish,
    legacy: legacy.policy,
    legacyQuestions: legacy.questions(),
    inboxName: basename(inbox),
    name,
  }
} // prettier-ignore
