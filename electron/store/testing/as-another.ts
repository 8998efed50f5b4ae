import { JsonFile } from '../json-file.ts'

// A program that becomes another user, then reads a saved file and tries to save over it, and says what came of it.
// node as-another.js FILE UID

const [path = '', uid = ''] = process.argv.slice(2)
process.setgid?.(Number(uid))
process.setuid?.(Number(uid))

const file = new JsonFile<unknown>(path, { decode: (json) => json, onLate: () => undefined })
const found = await file.load()
const isSaved = await file.save(['theirs']).then(
  () => true,
  () => false,
)
process.stdout.write(JSON.stringify({ found, isSaved, notes: file.notes }))
