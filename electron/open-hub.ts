import { join } from 'node:path'
import { ownAddresses } from '#hub/addresses.ts'
import { startCipher } from '#hub/cipher-thread.ts'
import type { HubOptions } from '#hub/hub.ts'
import type { Parts } from './app-parts.ts'
import { HubHost } from './hub-host.ts'
import { WINDOW_ORIGIN } from './security.ts'
import { devUrl } from './window.ts'

/** What happens at the hub beside what its parts are for. */
interface Around {
  /** The address that was given on the command line. */
  readonly given: string | undefined
  readonly log: (line: string) => void
  /** Called when somebody comes who may need the window. */
  readonly onKnock: () => void
}

/** Starts the hub, and tells the core where it is. */
export async function openHub(parts: Parts, around: Around): Promise<HubHost> {
  const { core, witness } = parts
  const { now, id } = parts.saved.settings
  const onHeard = witness.heard.bind(witness)
  const host = await HubHost.start(
    { hub: hubOptions(parts, around), id, log: around.log, onHeard },
    core.name,
    now.port,
  )
  core.start(host.hub)
  return host
}

function hubOptions(
  { core, network, witness, push, token, localName, networks }: Parts,
  { given, log, onKnock }: Around,
): Omit<HubOptions, 'port'> {
  return {
    pageDir: join(import.meta.dirname, '../phone'),
    windowToken: token,
    windowOrigin: devUrl() ?? WINDOW_ORIGIN,
    admit: (uid) => core.links.hosts(uid),
    mayBeLegacy: (uid) => core.links.mayBeLegacy(uid),
    askLegacy: core.legacyPrompts.ask,
    keyring: core.pairedDevices.keyring,
    lanes: core.laneHost,
    startCipher: () => startCipher(join(import.meta.dirname, 'cipher-worker.js')),
    ...{ localName, log, onKnock, ownNetworks: networks },
    onVisit: (what) => {
      witness.visited(what)
    },
    onStranger: (address) => {
      network.refused(address)
      witness.refused(address)
      // Not at once: strangers must not set the window's pace.
      push('progress')
    },
    // An address that was given is ours, even if this system does not list it (a forwarded one, a test's).
    ...(given !== undefined && { ownAddresses: () => [...ownAddresses(), given] }),
  }
}
