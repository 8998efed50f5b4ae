import { copyFile, link } from 'node:fs/promises'
import { join } from 'node:path'

let count = 0

/** A new name for the same bytes, so that every run's events can be told apart. */
export async function copyOf(file: string, folder: string, stem = 'bench'): Promise<{ name: string; path: string }> {
  const name = `${stem}-${++count}.bin`
  const path = join(folder, name)
  await link(file, path).catch(() => copyFile(file, path))
  return { name, path }
}

export const copiesOf = (file: string, folder: string, stem: string, times: number) =>
  Promise.all(Array.from({ length: times }, () => copyOf(file, folder, stem)))
