import type { Reason } from '#protocol/errors.ts'
import type { Words } from '#messages/words.ts'
import { m } from '#messages'
import type { Lack } from './lacks.ts'
import type { Meanwhile, PhoneModel } from './model.ts'

/** The connection in one sentence. */
export function connectionText({ connection, desktopName }: Pick<PhoneModel, 'connection' | 'desktopName'>): string {
  switch (connection) {
    case 'connecting':
      return m.phone_connecting()
    case 'connected':
      return desktopName === '' ? m.phone_connected() : m.phone_connected_to({ name: desktopName })
    case 'lost':
      return m.phone_lost()
    case 'refused':
      return m.phone_refused()
  }
}

/** What a person with a phone in hand can do about a connection that is not there. */
const WHY = {
  malformed: m.phone_why_failed,
  cancelled: m.phone_why_lost,
  'peer-left': m.phone_why_left,
  'no-connection': m.phone_why_no_connection,
  'connection-lost': m.phone_why_lost,
  'unknown-link': m.phone_why_scan,
  replaced: m.phone_why_replaced,
  'not-allowed': m.phone_why_not_allowed,
  revoked: m.why_revoked,
  tampered: m.why_tampered,
  corrupt: m.phone_why_failed,
  overrun: m.phone_why_failed,
  'bad-name': m.phone_why_failed,
  'source-changed': m.phone_why_failed,
  'disk-full': m.phone_why_failed,
  'disk-error': m.phone_why_failed,
  timeout: m.phone_why_lost,
  'too-large': m.phone_why_failed,
  version: m.phone_why_version,
  failed: m.phone_why_failed,
  'no-random': m.phone_why_no_random,
  'no-socket': m.phone_why_no_socket,
  'no-way': m.phone_why_no_way,
} satisfies Record<Reason | Lack, Words>

const MEANWHILE = {
  offline: m.phone_why_offline,
  looking: m.phone_why_looking,
  full: m.phone_why_full,
  slept: m.phone_why_slept,
  jumped: m.phone_why_jumped,
} satisfies Record<Meanwhile, Words>

/** Why there is no connection; '' where nothing is to be said. */
export function whyText({
  connection,
  reason,
  canTry,
  meanwhile,
}: Pick<PhoneModel, 'connection' | 'reason' | 'canTry' | 'meanwhile'>): string {
  if (reason === null || connection === 'connected') return ''
  if (connection === 'lost' && meanwhile !== null) return MEANWHILE[meanwhile]()
  // It has no code that is not valid any more, but a key that may be good elsewhere.
  return connection === 'refused' && canTry && reason === 'unknown-link' ? m.phone_why_unknown() : WHY[reason]()
}
