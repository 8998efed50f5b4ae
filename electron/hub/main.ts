import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { urlHost } from '#protocol/networks.ts'
import { cleanDeviceName } from '#protocol/text.ts'
import { ownAddresses } from './addresses.ts'
import { HELP, readCommand } from './cli.ts'
import { onTerminal } from './foreign-text.ts'
import { startHub } from './hub.ts'
import { advertise } from './mdns.ts'
import { writerTo } from './output.ts'

// The program of `npm run hub`, built to out/main/hub.js.
const OUT = join(import.meta.dirname, '..')

const out = writerTo(() => process.stdout)
const err = writerTo(() => process.stderr)
/** Characters of a line of the log. */
const LOG_CHARS_MAX = 2_000

const print = (line: string): void => {
  out(`${line}\n`)
}
/** Lines quote what others have sent. */
const printError = (line: string): void => {
  err(`${onTerminal(line, LOG_CHARS_MAX)}\n`)
}

function version(): string {
  const { version } = JSON.parse(readFileSync(join(OUT, '..', 'package.json'), 'utf8')) as { version: string }
  return version
}

async function runHub(port: number, allowOrigins: readonly string[]): Promise<void> {
  const hub = await startHub({ port, open: true, allowOrigins, pageDir: join(OUT, 'phone'), log: printError })
  const id = randomBytes(8).toString('hex')
  const advert = advertise({ port: hub.port, id, name: cleanDeviceName(hostname()), log: printError })
  print(`Open signaling on port ${hub.port}: anybody on this network may use it.`)
  for (const address of ['127.0.0.1', ...ownAddresses()]) print(`  http://${urlHost(address)}:${hub.port}`)
  const stop = (): void => void Promise.all([advert.stop(), hub.close()]).then(() => process.exit(0))
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}

function fail(line: string, code: number): void {
  printError(`hub: ${line}`)
  process.exitCode = code
}

const command = readCommand(process.argv.slice(2))
switch (command.run) {
  case 'help':
    print(HELP)
    break
  case 'version':
    print(version())
    break
  case 'wrong':
    fail(command.why, 2)
    break
  case 'hub':
    runHub(command.port, command.allowOrigins).catch((error: unknown) => {
      fail(String(error), 1)
    })
}
