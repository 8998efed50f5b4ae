// The hub and the doctor, without Electron: writes each examination as a line of JSON, until it is ended.
import { HubHost } from '#electron/hub-host.ts'
import { ClockWatch } from '#electron/doctor/clock-watch.ts'
import { Doctor } from '#electron/doctor/doctor.ts'
import { LinuxProbe } from '#electron/doctor/linux-probe.ts'
import { runTool, type Run } from '#electron/doctor/probe.ts'
import { Witness } from '#electron/doctor/witness.ts'
import { listAddresses } from '#hub/addresses.ts'
import type { Visit } from '#hub/hub.ts'

const EVERY_MS = 500
const silent = (): void => undefined

const witness = new Witness(() => performance.now())
const hub = {
  onVisit: (what: Visit) => {
    witness.visited(what)
  },
  onStranger: (address: string) => {
    witness.refused(address)
  },
}
const host = await HubHost.start({ hub, id: 'examined', log: silent, onHeard: witness.heard.bind(witness) }, 'Desk', 0)

/** What firewalls this machine has is no matter of these networks. */
const run: Run = (program, args) =>
  program === 'ip' ? runTool(program, args) : Promise.resolve({ unknown: 'no-tool' })

// The code's address is the first one of now, as in the app.
const address = (): string | null => listAddresses()[0]?.address ?? null
const doctor = new Doctor({
  witness,
  clock: new ClockWatch(),
  own: () => ({
    // Any free port is as good as the known one here.
    code: { address: address(), port: 3186, isGiven: false },
    isStuck: false,
    phones: { here: 0, connecting: 0, away: 0 },
  }),
  program: process.execPath,
  askNeighbours: () => {
    host.askNeighbours()
  },
  probe: new LinuxProbe(run, () => Promise.resolve(null)),
})
witness.drawn(address())
await doctor.begin()
for (;;) {
  const at = Date.now()
  // As the app does when the code becomes another.
  witness.drawn(address())
  process.stdout.write(`${JSON.stringify({ ...(await doctor.examine()), at, port: host.hub.port })}\n`)
  await new Promise((resolve) => setTimeout(resolve, EVERY_MS))
}
