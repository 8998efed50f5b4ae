import type { Check } from './checks.ts'
import { DESKTOP_EXTRAS } from './desktop-extras.ts'
import { DESKTOP_ENDING, DESKTOP_MEETING } from './desktop-meeting.ts'
import type { DesktopStage } from './desktop-stage.ts'
import { RECEIVES } from './receiving-checks.ts'
import { SENDS } from './sending-checks.ts'

/** All that a desktop is asked, of one link that is on its screen. */
export const DESKTOP_CHECKS: readonly Check<DesktopStage>[] = [
  ...DESKTOP_MEETING,
  ...RECEIVES,
  ...SENDS,
  ...DESKTOP_EXTRAS,
  ...DESKTOP_ENDING,
]
