import type { Stage } from '../lanes.ts'
import type { Section } from '../report.ts'
export async function networkSections(_stage: Stage): Promise<Section[]> {
  return []
}
