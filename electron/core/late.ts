import type { KeptDevices } from '#store/device-store.ts'
import type { KnownOwner } from '#store/owners.ts'
import type { Unsent } from '#store/unsent.ts'
import type { Core } from './core.ts'
import { sendAgain } from './transfers/send.ts'

/** Saved files that could not be read when the program started, and now can be: what is in them joins what is here. */

/** Takes phones of earlier runs. */
export function recallPhones(core: Core, { devices, calendar }: KeptDevices): void {
  core.calendar.adopt(calendar)
  for (const device of core.pairedDevices.restore(devices)) sendAgain(core, device)
  void core.pairedDevices.save()
  core.changed()
}

/** Takes what was on its way to phones. */
export function recallUnsent(core: Core, things: readonly Unsent[]): void {
  const fresh = new Set(core.resendQueue.addEarlier(things).map(({ id }) => id))
  for (const device of core.devices) sendAgain(core, device, (id) => fresh.has(id))
  core.changed()
}

/** Takes the names of phones with records. */
export function recallOwners(core: Core, owners: readonly KnownOwner[]): void {
  core.phoneData.owners.addEarlier(owners)
  core.changed()
}
