import type { ElectronApplication } from '@playwright/test'

/** What one process of the app had at its worst, in MB (10^6 bytes), and how much that was above the start. */
export interface ProcessPeak {
  readonly type: string
  readonly peakMB: number
  readonly growthMB: number
}

const SAMPLE_EVERY_MS = 250

/** Watches the resident memory of all of the app's processes while `work` runs; the sum is the last row. */
export async function peakMemory(app: ElectronApplication, work: () => Promise<void>): Promise<ProcessPeak[]> {
  const start = await sizes(app)
  const peak = new Map(start)
  const over = new AbortController()
  const watching = (async () => {
    while (!over.signal.aborted) {
      // Now and then an answer is lost to the inspector's garbage collection; the next sample is near.
      const sample = await sizes(app).catch(() => new Map<string, number>())
      for (const [type, mb] of sample) peak.set(type, Math.max(peak.get(type) ?? 0, mb))
      await new Promise((resolve) => setTimeout(resolve, SAMPLE_EVERY_MS))
    }
  })()
  try {
    await work()
  } finally {
    over.abort()
    await watching
  }
  return [...peak].map(([type, mb]) => ({ type, peakMB: mb, growthMB: mb - (start.get(type) ?? 0) }))
}

async function sizes(app: ElectronApplication): Promise<Map<string, number>> {
  const metrics = await app.evaluate(({ app: main }) =>
    main.getAppMetrics().map(({ type, memory }) => ({ type, mb: (memory.workingSetSize * 1024) / 1e6 })),
  )
  const out = new Map<string, number>()
  for (const { type, mb } of metrics) out.set(type, (out.get(type) ?? 0) + mb)
  out.set(
    'all',
    metrics.reduce((sum, { mb }) => sum + mb, 0),
  )
  return out
}
