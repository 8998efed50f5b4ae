import { startHub, type Hub, type HubOptions } from '#hub/hub.ts'
import { Client, type ClientOptions } from './client.ts'

export const WINDOW_ORIGIN = 'app://local'
export const WINDOW_TOKEN = 'dGhpcyBpcyBhIHRva2VuIG9mIHRoaXJ0eS10d28gYi4'
/** One address, so that `ipaddr` is answered by exactly one event. */
export const OWN_ADDRESS = '192.168.7.7'

/** A hub on a free port, its clients, and what it logged; `clear` ends them all. */
export interface Stage {
  readonly hub: Hub
  readonly log: string[]
  /** A connected client that has been welcomed. */
  join(options?: ClientOptions): Promise<Client>
  /** A client that may not get that far. */
  attempt(options?: ClientOptions): Client
  /** A client that proves to be the window. */
  window(): Promise<Client>
  clear(): Promise<void>
}

export async function setStage(options: HubOptions = {}): Promise<Stage> {
  const log: string[] = []
  const hub = await startHub({
    port: 0,
    bind: '127.0.0.1',
    ownAddresses: () => [OWN_ADDRESS],
    log: (line) => log.push(line),
    ...options,
  })
  const clients: Client[] = []
  const attempt = (client: ClientOptions = {}): Client => {
    const made = new Client(`http://${client.dial ?? '127.0.0.1'}:${hub.port}`, client)
    clients.push(made)
    return made
  }
  const join = async (client: ClientOptions = {}): Promise<Client> => {
    const made = attempt(client)
    await made.next('welcome')
    return made
  }
  return {
    hub,
    log,
    attempt,
    join,
    window: () => join({ headers: { origin: WINDOW_ORIGIN }, auth: { token: WINDOW_TOKEN } }),
    clear: async () => {
      for (const client of clients) client.close()
      await hub.close()
    },
  }
}
