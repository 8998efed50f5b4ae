import type { Page } from '@playwright/test'

/** As much of Playwright's own side of a page as is needed here. It is not public: what is missing is missed below. */
interface Watched {
  readonly _connection?: {
    readonly toImpl?: (page: Page) => { readonly delegate?: { readonly _networkManager?: NetworkManager } }
  }
}

interface NetworkManager {
  readonly _sessions: Map<DevtoolsSession, { readonly isMain?: boolean }>
  addSession: (session: DevtoolsSession, ...more: unknown[]) => Promise<void>
}

interface DevtoolsSession {
  send: (method: string) => Promise<unknown>
}

/**
 * Ends Playwright's watching of what the page's workers send and receive, for the workers to come too. It has the browser
 * tell it every frame of every WebSocket, in base64: for each MB of the sealed socket 17 ms of processor time that no phone
 * spends, beside the 26 of the transfer itself (docs/performance.md). Routes of the page itself are not touched.
 */
export async function unwatched(page: Page): Promise<void> {
  const network = (page as unknown as Watched)._connection?.toImpl?.(page).delegate?._networkManager
  if (network === undefined) {
    console.error('this Playwright watches what sockets send: the sealed socket is slower than it is for a phone')
    return
  }
  network.addSession = () => Promise.resolve()
  const workers = [...network._sessions].filter(([, { isMain }]) => isMain !== true)
  // Of a worker that has ended meanwhile there is nothing left to watch; of any other, what is in vain costs time alone.
  await Promise.allSettled(workers.map(([session]) => session.send('Network.disable')))
}
