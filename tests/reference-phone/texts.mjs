// Texts both ways (section 6.3): said until they are heard, shown once.
import { newId } from './secrets.mjs'

const REMEMBERED = 256

export class Texts {
  #waiting = new Map()
  #came = new Set()
  #say
  #tell

  constructor(say, tell) {
    this.#say = say
    this.#tell = tell
  }

  send(text) {
    const id = newId()
    this.#waiting.set(id, text)
    this.#say({ t: 'text', id, text })
  }

  greeted() {
    for (const [id, text] of this.#waiting) this.#say({ t: 'text', id, text })
  }

  receive({ t, id, text }) {
    if (t === 'text-ack') {
      if (this.#waiting.delete(id)) this.#tell({ event: 'heard', id })
      return
    }
    if (!this.#came.has(id)) this.#tell({ event: 'text', text })
    this.#came.add(id)
    if (this.#came.size > REMEMBERED) this.#came.delete([...this.#came][0])
    this.#say({ t: 'text-ack', id })
  }
}
