import type { Reason } from '#protocol/errors.ts'
import { m } from '#messages'

export type Words = () => string

/**
 * What to tell a person about a transfer that did not end well. A code without words is a compile error; codes that
 * only a connection has share the last ones.
 */
const TRANSFER = {
  malformed: m.why_malformed,
  cancelled: m.transfer_cancelled,
  'peer-left': m.why_peer_left,
  'no-connection': m.why_no_connection,
  'connection-lost': m.why_connection_lost,
  'unknown-link': m.why_failed,
  replaced: m.why_failed,
  'not-allowed': m.why_refused,
  revoked: m.why_revoked,
  tampered: m.why_tampered,
  corrupt: m.why_corrupt,
  overrun: m.why_corrupt,
  'bad-name': m.why_bad_name,
  'source-changed': m.why_source_changed,
  'disk-full': m.why_disk_full,
  'disk-error': m.why_disk_error,
  timeout: m.why_timeout,
  'too-large': m.why_too_large,
  version: m.why_version,
  failed: m.why_failed,
} satisfies Record<Reason, Words>

export function transferWords(reason: Reason | undefined): string {
  return TRANSFER[reason ?? 'failed']()
}
