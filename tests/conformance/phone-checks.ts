import type { Check } from './checks.ts'
import { PHONE_EXTRAS, PHONE_SEALED } from './phone-extras.ts'
import { PHONE_ENDING, PHONE_GREETING, PHONE_MEETING } from './phone-meeting.ts'
import type { PhoneStage } from './phone-stage.ts'
import { RECEIVES } from './receiving-checks.ts'
import { SENDS } from './sending-checks.ts'

/** All that a phone app is asked, in the order in which it goes with the fewest links. */
export const PHONE_CHECKS: readonly Check<PhoneStage>[] = [
  ...PHONE_MEETING,
  ...PHONE_SEALED,
  ...PHONE_GREETING,
  ...RECEIVES,
  ...SENDS,
  ...PHONE_EXTRAS,
  ...PHONE_ENDING,
]
