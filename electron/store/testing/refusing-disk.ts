import { nodeFiles, type FileDisk } from '../disk-file.ts'

/** A disk that refuses what a test says, with that code, and counts what it is asked for. */
export class RefusingDisk implements FileDisk {
  refused: Partial<Record<keyof FileDisk, string>> = {}
  readonly calls: Record<keyof FileDisk, number> = { read: 0, replace: 0, moveAside: 0, remove: 0, list: 0 }

  read(path: string): Promise<string> {
    return this.#do('read', () => nodeFiles.read(path))
  }

  replace(path: string, text: string): Promise<void> {
    return this.#do('replace', () => nodeFiles.replace(path, text))
  }

  moveAside(path: string, to: string): Promise<void> {
    return this.#do('moveAside', () => nodeFiles.moveAside(path, to))
  }

  remove(path: string): Promise<void> {
    return this.#do('remove', () => nodeFiles.remove(path))
  }

  list(folder: string): Promise<string[]> {
    return this.#do('list', () => nodeFiles.list(folder))
  }

  async #do<T>(call: keyof FileDisk, work: () => Promise<T>): Promise<T> {
    this.calls[call]++
    const code = this.refused[call]
    if (code !== undefined) throw Object.assign(new Error(`refused: ${code}`), { code })
    return work()
  }
}
