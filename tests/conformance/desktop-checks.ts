import type { Check } from './checks.ts'
import { DESKTOP_FILES } from './desktop-files.ts'
import { DESKTOP_ENDING, DESKTOP_MEETING } from './desktop-meeting.ts'
import type { DesktopStage } from './desktop-stage.ts'

/** All that a desktop is asked, of one link that is on its screen. */
export const DESKTOP_CHECKS: readonly Check<DesktopStage>[] = [...DESKTOP_MEETING, ...DESKTOP_FILES, ...DESKTOP_ENDING]
