import { networkInterfaces } from 'node:os'
import { parseArgs } from 'node:util'
import { readPage, servePage } from '#hub/page.ts'
import { choose, lineOf, runChecks, type Check, type Result } from './checks.ts'
import { Desk } from './desk.ts'
import { DESKTOP_CHECKS } from './desktop-checks.ts'
import { DesktopStage } from './desktop-stage.ts'
import { CommandDriver, DeskHandDriver, HandDriver, type PhoneDriver } from './drivers.ts'
import { HUB_CHECKS, HubStage } from './hub-checks.ts'
import { LEGACY_CHECKS } from './legacy-checks.ts'
import { LegacyDesk } from './legacy-desk.ts'
import { PHONE_CHECKS } from './phone-checks.ts'
import { PhoneStage } from './phone-stage.ts'

const USAGE = `npm run conformance -- --listen          plays the computer for a phone app under test
npm run conformance -- --phone LINK      plays a phone for a desktop under test, whose code says LINK
npm run conformance -- --hub URL         asks a hub for the eleven events of 2018; start it as one that is open to all

  --start COMMAND   with --listen: runs the app instead of asking a person to; {link} and {folder} are replaced.
                    It reads "send PATH" from its input
  --legacy          with --listen: the app is one of 2018, which speaks the eleven events only
  --page FOLDER     with --listen: serves this folder, for an app that is a web page
  --host ADDRESS    with --listen: this computer's address on the network; --port N as well
  --send            with --phone: somebody is at the computer, who sends files and asks for records when told to
  --only NAMES      some of the checks, with commas
  --list            what is checked, and where the text says so
  --json            one object a line`

const { values } = parseArgs({
  options: {
    listen: { type: 'boolean', default: false },
    phone: { type: 'string' },
    hub: { type: 'string' },
    start: { type: 'string' },
    page: { type: 'string' },
    legacy: { type: 'boolean', default: false },
    host: { type: 'string' },
    port: { type: 'string', default: '0' },
    send: { type: 'boolean', default: false },
    only: { type: 'string' },
    list: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

const say = (line: string): void => void process.stdout.write(`${line}\n`)
/** To a person who tests by hand; the report is on stdout. */
const ask = (line: string): void => void process.stderr.write(`\n${line}\n`)
const tell = (result: Result): void => {
  say(values.json ? JSON.stringify(result) : lineOf(result))
}
const chosen = <On>(checks: readonly Check<On>[]): readonly Check<On>[] =>
  choose(checks, values.only?.split(',').filter((name) => name !== '') ?? [])

const ownAddress = (): string =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .find(({ family, internal }) => family === 'IPv4' && !internal)?.address ?? '127.0.0.1'

const driver = (): PhoneDriver => (values.start === undefined ? new HandDriver(ask) : new CommandDriver(values.start))

async function listen(): Promise<readonly Result[]> {
  const page = await readPage(values.page)
  const host = values.host ?? ownAddress()
  const desk = await Desk.open(host, Number(values.port), (request, response) => {
    servePage(page, request, response, request.headers.host ?? '')
  })
  const stage = new PhoneStage(desk, driver())
  try {
    return await runChecks(chosen(PHONE_CHECKS), stage, tell)
  } finally {
    await stage.leave()
    await desk.close()
  }
}

async function listenToLegacy(): Promise<readonly Result[]> {
  const desk = await LegacyDesk.open(values.host ?? ownAddress(), driver(), Number(values.port))
  try {
    return await runChecks(chosen(LEGACY_CHECKS), desk, tell)
  } finally {
    await desk.close()
  }
}

async function phone(link: string): Promise<readonly Result[]> {
  const stage = new DesktopStage(link, new DeskHandDriver(values.send ? ask : null))
  try {
    return await runChecks(chosen(DESKTOP_CHECKS), stage, tell)
  } finally {
    await stage.leave()
  }
}

async function hub(url: string): Promise<readonly Result[]> {
  const stage = new HubStage(url)
  try {
    return await runChecks(chosen(HUB_CHECKS), stage, tell)
  } finally {
    stage.close()
  }
}

function list(): void {
  const all = { 'phone apps': PHONE_CHECKS, 'phone apps of 2018': LEGACY_CHECKS, desktops: DESKTOP_CHECKS, hubs: HUB_CHECKS } // prettier-ignore
  for (const [of, checks] of Object.entries(all)) {
    say(`\n${of}:`)
    for (const { name, section, about } of checks) say(`  ${name.padEnd(25)} ${section.padEnd(5)} ${about}`)
  }
}

/** Returns the exit code: 0 = passed, 1 = something failed, 2 = nothing was run. */
async function run(): Promise<number> {
  if (values.list) {
    list()
    return 0
  }
  const ways = [values.listen, values.phone !== undefined, values.hub !== undefined].filter(Boolean).length
  if (values.help || ways !== 1) {
    ask(USAGE)
    return values.help ? 0 : 2
  }
  const results = await (values.listen
    ? (values.legacy ? listenToLegacy : listen)()
    : values.hub === undefined
      ? phone(values.phone ?? '')
      : hub(values.hub))
  const count = (outcome: Result['outcome']): number => results.filter((one) => one.outcome === outcome).length
  say(values.json ? '' : `\n${count('pass')} passed, ${count('fail')} failed, ${count('skip')} left out`)
  return count('fail') === 0 && count('pass') > 0 ? 0 : 1
}

// Sockets of a stack that is not ours may linger: the report is what counts.
process.exit(
  await run().catch((error: unknown) => {
    ask(`conformance: ${error instanceof Error ? error.message : String(error)}`)
    return 2
  }),
)
