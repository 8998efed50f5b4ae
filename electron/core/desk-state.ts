import { basename } from 'node:path'
import type { AppState } from '#electron/window-api.ts'
import type { Core } from './core.ts'
import type { CoreOptions } from './core-options.ts'
import type { LinkNews } from './devices/link-news.ts'

type News = Pick<LinkNews, 'text' | 'isStuck'>
type Known = Pick<CoreOptions, 'network' | 'token' | 'inbox' | 'name' | 'fileNotes' | 'networks'>

/** All that the window shows. `port`: the hub's, 0 while it does not listen; `news`: of the link on the screen. */
export function appState(core: Core, { network, token, inbox, name, fileNotes, networks = () => [] }: Known, port: number, news: News): AppState {
  const { links, transferList, legacyPrompts } = core
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
    devices: core.seen.map((device) => device.view()),
    transfers: transferList.transfers(),
    batches: transferList.batches(),
    unfinished: core.leftovers.views(),
    sendNote: core.sendNote.view,
    ...core.phoneData.state(),
    fileNotes: [...(fileNotes?.() ?? []), ...core.phoneData.unkept.notes],
    lane: core.laneWish,
    legacy: legacyPrompts.policy,
    legacyQuestions: legacyPrompts.questions(),
    inboxName: basename(inbox),
    isOtherInbox: core.inbox.isOther,
    name,
  }
} // prettier-ignore
