import { afterEach } from 'vitest'
import type { HubOptions } from '#hub/hub.ts'
import type { Client } from '#hub/testing/client.ts'
import { setStage, WINDOW_ORIGIN, WINDOW_TOKEN, type Stage } from '#hub/testing/stage.ts'

const stages: Stage[] = []

/** The hub with its shipped limits, but for those named. Ends with the test. */
export async function scene(options: HubOptions = {}): Promise<Stage> {
  const stage = await setStage({ windowToken: WINDOW_TOKEN, windowOrigin: WINDOW_ORIGIN, ...options })
  stages.push(stage)
  return stage
}

/** Open signaling, for what does not depend on who is let in. */
export const openScene = (options: HubOptions = {}): Promise<Stage> => scene({ open: true, ...options })

/** To be called once a file. */
export function endScenes(): void {
  afterEach(async () => {
    for (const stage of stages.splice(0)) await stage.clear()
  })
}

/** A pair of clients that goes on talking, whatever happens beside it. */
export async function pair(stage: Stage, uid = 'bystanders'): Promise<{ web: Client; app: Client }> {
  const [web, app] = [await stage.join(), await stage.join()]
  web.send('register', { uid, type: 0 })
  await web.settle()
  app.send('register', { uid, type: 1 })
  await app.next('syncfrom')
  return { web, app }
}

export async function stillTalk({ web, app }: { web: Client; app: Client }): Promise<void> {
  app.send('message', 'still here')
  let heard: unknown
  while (heard !== 'still here') heard = await web.next('message')
}
