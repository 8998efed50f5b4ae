/** Whether a person has asked for less motion; where the browser does not tell, for as little as that. */
export function wantsStill(): boolean {
  try {
    return matchMedia('(prefers-reduced-motion: reduce)').matches
  } catch {
    return true
  }
}
