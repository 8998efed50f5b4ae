import { createHash, randomBytes } from 'node:crypto'
import type { Reason } from '#protocol/errors.ts'
import type { LegacyPorts } from '#transfer/legacy/legacy-session.ts'
import type { Sha256 } from '#transfer/hashing.ts'
import type { DeviceView } from '#electron/window-api.ts'
import type { DevicePorts } from './device-ports.ts'
import type { Device } from './device.ts'
import type { AppEvent, DeviceRef } from '#core/app-events.ts'
import type { LegacyWords } from './legacy-words.ts'

/** Characters of what an app of 2018 says to a person; the card has two lines for it. */
const NOTICE_CHARS_MAX = 300

/** Text of a stranger, for one short line. */
export const cleanNotice = (text: string): string => text.replace(/\s+/gu, ' ').trim().slice(0, NOTICE_CHARS_MAX)

export const refOf = ({ id, name }: Pick<Device, 'id' | 'name'>): DeviceRef => ({ id, name })

/** What is said where a conversation was ended because of the protocol. */
export function brokenEvent({ name }: Pick<Device, 'name'>, where: 'here' | 'there', code: Reason): AppEvent {
  const who = name || 'a phone'
  const message = where === 'here' ? `connection to ${who} ended here: ${code}` : `${who} ended the connection: ${code}`
  return { event: 'error', code, message }
}

/** A transfer's id. */
export const newId = (): string => randomBytes(16).toString('hex')

/** Here and now: a worker would cost more than the half millisecond that a block takes. */
export const sha256: Sha256 = (bytes) => Promise.resolve(createHash('sha256').update(bytes).digest('hex'))

/** What a conversation with an app of 2018 needs of its device. */
export const legacyPorts = (ports: DevicePorts, signal: LegacyPorts['signal']): LegacyPorts => ({
  newId,
  sha256,
  signal,
  mayTake: (id, { name, size }) => ports.mayTake({ id, name, size, mtime: 0 }),
  landsAs: ({ name }) => ports.landsAs({ name }),
  openSink: ({ name, size }) => ports.openSink({ id: newId(), name, size, mtime: 0 }, true),
  onTransfer: (view) => {
    ports.onTransfer(view)
  },
  after: (ms, then) => {
    const timer = setTimeout(then, ms)
    return () => {
      clearTimeout(timer)
    }
  },
})

/** What a screen shows of a device. */
export const viewOf = (device: Device, { notice }: LegacyWords): DeviceView => ({
  id: device.id,
  name: device.name,
  kind: device.kind,
  state: device.state === 'empty' ? 'away' : device.state,
  autoAccept: device.preferences.autoAccept,
  ...(device.lane !== null && { lane: device.lane }),
  ...(device.state === 'away' && device.lastSeen > 0 && { lastSeen: device.lastSeen }),
  texts: device.sync.takesTexts && device.kind !== 'legacy',
  clipboard: device.preferences.clipboard,
  unheard: device.sync.unheard,
  ...(device.trouble && { trouble: device.trouble }),
  ...(notice && { notice }),
})
