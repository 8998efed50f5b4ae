import type { RunningApp } from './app.ts'

// The clocks of the app's main process, moved from outside by Playwright's own door into it: the app that is shipped has
// no such lever, and its package no inspector.

/** As if so many ms had passed on the clock that nobody sets. */
export async function passTime({ app }: RunningApp, ms: number): Promise<void> {
  await app.evaluate((_electron, ms) => {
    const real = performance.now.bind(performance)
    performance.now = () => real() + ms
  }, ms)
}

/** As if somebody had set the computer's clock so many ms away from the time; 0 = right again. */
export async function setClock({ app }: RunningApp, ms: number): Promise<void> {
  await app.evaluate((_electron, ms) => {
    const kept = globalThis as unknown as { realDate?: () => number }
    const real = (kept.realDate ??= Date.now.bind(Date))
    Date.now = () => real() + ms
  }, ms)
}
