import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript'
import { expect, test } from 'vitest'
import { jsonLine } from './foreign-text.ts'
import { writerTo } from './output.ts'

/** Reports its uncaught exceptions on the stream that causes them, as the app does. */
const PROGRAM = `
  import { writeSync } from 'node:fs'
  const err = writerTo(() => process.stderr)
  let faults = 0
  process.on('uncaughtException', (error) => {
    faults++
    if (faults > 50) process.exit(9)
    err(String(error))
  })
  process.stdin.once('data', async () => {
    for (let n = 0; n < 20; n++) {
      err('line\\n')
      await new Promise((done) => setTimeout(done, 5))
    }
    writeSync(1, String(faults))
    process.exit(0)
  })
  writeSync(1, 'ready ')
`

/** How many faults the program saw, and its exit code, with a stderr whose reader goes away. */
async function faultsWith(writer: string): Promise<unknown[]> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', `${writer}\n${PROGRAM}`])
  let said = ''
  child.stdout.on('data', (part: Buffer) => (said += part.toString()))
  await once(child.stdout, 'data')
  child.stderr.destroy()
  child.stdin.write('go')
  const [code] = (await once(child, 'exit')) as [number]
  return [code, said]
}

test('E4: a stderr that nobody reads any more is no fault, and no fault is told on it for ever', async () => {
  const source = await readFile(join(import.meta.dirname, 'output.ts'), 'utf8')
  const { outputText } = transpileModule(source, { compilerOptions: { module: ModuleKind.ESNext, target: ScriptTarget.ES2022 } }) // prettier-ignore
  // A writer that does not care is what makes the loop.
  expect((await faultsWith('const writerTo = (stream) => (text) => stream().write(text)'))[0]).toBe(9)
  expect(await faultsWith(outputText)).toEqual([0, 'ready 0'])
})

test('E4: a descriptor that is closed, and a stream that can’t be had, are none', () => {
  const none = writerTo(() => {
    throw new Error('bad file descriptor')
  })
  const throwing = writerTo(
    () =>
      ({
        on: () => undefined,
        write: () => {
          throw new Error('EBADF')
        },
      }) as never,
  )
  for (const write of [none, throwing]) expect(() => write('x')).not.toThrow()
})

test('JSON on a terminal steers nothing, and means the same', () => {
  const foreign =
    'a\u0007\u001b[2J\u007f\u0085\u009b31m\u00ad\u200b\u202e\u2028\u2029\u2066\ufeff\u{e0041}z "\\ ü 文 😀'
  const line = jsonLine({ name: foreign })
  expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u)
  expect(line).toContain('ü 文 😀')
  expect(JSON.parse(line)).toEqual({ name: foreign })
})
