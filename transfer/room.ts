/** A room with so many places; who comes later waits in order. */
export class Room {
  #free: number
  readonly #waiting: { readonly places: number; readonly enter: () => void }[] = []

  constructor(places: number) {
    this.#free = places
  }

  /** Resolves, once there are so many places, to the way out, which works once. */
  async enter(places = 1): Promise<() => void> {
    if (this.#waiting.length === 0 && this.#free >= places) this.#free -= places
    else await new Promise<void>((enter) => this.#waiting.push({ places, enter }))
    let inside = true
    return () => {
      if (inside) this.#leave(places)
      inside = false
    }
  }

  #leave(places: number): void {
    this.#free += places
    for (let next = this.#waiting[0]; next !== undefined && next.places <= this.#free; next = this.#waiting[0]) {
      this.#waiting.shift()
      this.#free -= next.places
      next.enter()
    }
  }
}
