import { newId } from './conversation.ts'
import type { Check } from './checks.ts'
import type { Stage } from './stage.ts'

/** Section 6, of both sides alike. */
export const TEXT: Check<Stage> = {
  name: 'text',
  section: '6.3',
  about: 'says `text-ack` to a text, and again when it comes twice',
  run: async (stage) => {
    const on = await stage.connected()
    stage.announced('texts')
    const id = newId()
    for (let i = 0; i < 2; i++) {
      on.say({ t: 'text', id, text: 'From the conformance kit' })
      await on.next('text-ack', (ack) => ack.id === id)
    }
  },
}
