import * as v from 'valibot'

/** What happens when an app of 2018, which proves nothing, wants to join. */
export const LegacyPolicy = v.picklist(['ask', 'never', 'always'])
export type LegacyPolicy = v.InferOutput<typeof LegacyPolicy>
