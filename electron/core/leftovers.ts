import type { UnfinishedView } from '#electron/window-api.ts'
import type { Inbox } from '#inbox/inbox.ts'
import type { TransferList } from './transfers/transfer-list.ts'

/** What is kept of files that did not arrive whole: they go on when their phone offers them again. */
export class Leftovers {
  readonly #inbox: Inbox
  readonly #transferList: TransferList
  readonly #onChange: () => void

  constructor(inbox: Inbox, transferList: TransferList, onChange: () => void) {
    this.#inbox = inbox
    this.#transferList = transferList
    this.#onChange = onChange
  }

  /** Those that are not on the list of transfers, newest first. */
  views(): UnfinishedView[] {
    return this.#inbox
      .parts()
      .filter(({ deviceId, id }) => !this.#transferList.moves(`${deviceId}-${id}`))
      .sort((a, b) => b.at - a.at)
      .map(({ key, deviceId, lands: name, size, kept, at }) => ({ key, deviceId, name, size, kept, at }))
  }

  /** A person does not want the rest of it. */
  async remove(key: string): Promise<void> {
    await this.#inbox.removePart(key)
    this.#onChange()
  }
}
