import type { KeptDevices } from '#store/devices.ts'
import type { KnownOwner } from '#store/owners.ts'
import type { Unsent } from '#store/unsent.ts'
import type { Desk } from './core.ts'
import { sendAgain } from './transfers/outgoing.ts'

/** Saved files that could not be read when the program started, and now can be: what is in them joins what is here. */

/** Takes phones of earlier runs. */
export function recallPhones(desk: Desk, { devices, calendar }: KeptDevices): void {
  desk.calendar.adopt(calendar)
  for (const device of desk.trust.restore(devices)) sendAgain(desk, device)
  void desk.trust.save()
  desk.changed()
}

/** Takes what was on its way to phones. */
export function recallUnsent(desk: Desk, things: readonly Unsent[]): void {
  const fresh = new Set(desk.unsent.addEarlier(things).map(({ id }) => id))
  for (const device of desk.devices) sendAgain(desk, device, (id) => fresh.has(id))
  desk.changed()
}

/** Takes the names of phones with records. */
export function recallOwners(desk: Desk, owners: readonly KnownOwner[]): void {
  desk.library.owners.addEarlier(owners)
  desk.changed()
}
