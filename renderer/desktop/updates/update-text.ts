import type { UpdateFailure, UpdateView, UpdateWay } from '#electron/app-state.ts'
import { m } from '#messages'
import type { Words } from '#messages/words.ts'

/** What kept a step from succeeding. */
const FAILURES = {
  offline: m.update_offline,
  'no-answer': m.update_no_answer,
  'wrong-hash': m.update_wrong_hash,
  disk: m.update_disk,
  failed: m.update_failed,
} satisfies Record<UpdateFailure, Words>

/** Why this copy does not replace itself. */
const WHYS = {
  'package-manager': m.update_why_package,
  archive: m.update_why_archive,
  'read-only': m.update_why_read_only,
  unsigned: m.update_why_unsigned,
  misplaced: m.update_why_misplaced,
  development: m.update_why_development,
  'no-feed': m.update_why_no_feed,
} satisfies Record<Exclude<UpdateWay, { way: 'self' }>['why'], Words>

/** Returns where things stand with a newer version; '' where nobody has looked yet. */
export function updateLine({ now, way }: UpdateView): string {
  switch (now.state) {
    case 'disabled':
      return WHYS[now.why]()
    case 'idle':
      return now.looked ? m.update_newest() : ''
    case 'checking':
      return m.update_checking()
    case 'available': {
      const { version } = now
      return way.way === 'page'
        ? m.update_available_elsewhere({ version, why: WHYS[way.why]() })
        : m.update_available({ version })
    }
    case 'downloading':
      return m.update_downloading({ version: now.version, percent: Math.floor(now.percent) })
    case 'ready':
      return m.update_ready({ version: now.version })
    case 'failed':
      return FAILURES[now.why]()
  }
}
