/** A map of bounded size: what was put last stays, what was put long ago goes. */
export class LastOnes<T> {
  readonly #map = new Map<string, T>()
  readonly #max: number

  constructor(max: number) {
    this.#max = max
  }

  /** The oldest first. */
  get all(): readonly (readonly [string, T])[] {
    return [...this.#map]
  }

  has(key: string): boolean {
    return this.#map.has(key)
  }

  get(key: string): T | undefined {
    return this.#map.get(key)
  }

  put(key: string, value: T): void {
    this.#map.delete(key)
    this.#map.set(key, value)
    if (this.#map.size <= this.#max) return
    const [oldest] = this.#map.keys()
    if (oldest !== undefined) this.#map.delete(oldest)
  }

  take(key: string): void {
    this.#map.delete(key)
  }
}
