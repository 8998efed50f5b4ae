import { basename } from 'node:path'
import type { DeskState } from '#electron/shell-api.ts'
import type { Desk } from './core.ts'
import type { DeskOptions } from './core-options.ts'
import type { LinkNews } from './devices/link-news.ts'

type News = Pick<LinkNews, 'text' | 'isStuck'>
type Known = Pick<DeskOptions, 'network' | 'token' | 'inbox' | 'name' | 'fileNotes' | 'networks'>

/** All that the window shows. `port`: the hub's, 0 while it does not listen; `news`: of the link on the screen. */
export function deskState(desk: Desk, { network, token, inbox, name, fileNotes, networks = () => [] }: Known, port: number, news: News): DeskState {
  const { links, board, legacy } = desk
  const { text } = news
  return {
    hub: { url: `http://127.0.0.1:${port}`, token },
    link: text === null ? null : { id: links.current.id, text },
    address: network.address === null ? null : { host: network.address, port },
    addresses: network.choices,
    networks: networks(),
    strangers: network.strangers,
    isStuck: news.isStuck,
    hosted: port === 0 ? [] : links.all.map(({ id, uid }) => ({ id, uid })),
    devices: desk.seen.map((device) => device.view()),
    transfers: board.transfers(),
    batches: board.batches(),
    unfinished: desk.leftovers.views(),
    sendNote: desk.sendNote.view,
    ...desk.library.state(),
    fileNotes: [...(fileNotes?.() ?? []), ...desk.library.unkept.notes],
    lane: desk.laneWish,
    legacy: legacy.policy,
    legacyQuestions: legacy.questions(),
    inboxName: basename(inbox),
    isOtherInbox: desk.inbox.isOther,
    name,
  }
} // prettier-ignore
