import { dialog, shell } from 'electron'
import { release } from 'node:os'
import type { Core } from '#core/core.ts'
import type { Network } from '#core/devices/shown-link.ts'
import type { AppEvent } from '#core/app-events.ts'
import type { HubHost } from '#electron/hub-host.ts'
import type { Answers, Handlers } from '#electron/ipc.ts'
import type { SystemPage } from '#electron/window-api.ts'
import { m } from '#messages'
import { ClockWatch } from './clock-watch.ts'
import { Doctor, type Own } from './doctor.ts'
import { letPhonesIn, type FirewallRuleOptions } from './firewall-rule.ts'
import { runTool, toolRunner } from './probe.ts'
import { Witness } from './witness.ts'

/** Makes the witness of this run, which has to be there before the hub is. */
export const openWitness = (): Witness => new Witness(() => performance.now())

export interface DoctorParts {
  readonly witness: Witness
  readonly core: Core
  readonly network: Network
  /** The address in the code was given on the command line. */
  readonly isGiven: boolean
  readonly host: HubHost
}

/** Makes the doctor of this run, and returns with it what ends it. */
export function openDoctor({ witness, core, network, isGiven, host }: DoctorParts): {
  readonly doctor: Doctor
  readonly stop: () => void
} {
  const own = (): Own => {
    const { isStuck, devices } = core.state()
    const count = (state: 'here' | 'connecting' | 'away'): number => devices.filter((one) => one.state === state).length
    return {
      code: { address: network.address, port: host.hub.port, isGiven },
      isStuck,
      phones: { here: count('here'), connecting: count('connecting'), away: count('away') },
    }
  }
  const clock = new ClockWatch()
  const doctor = new Doctor({
    ...{ witness, own, clock },
    program: process.execPath,
    askNeighbours: () => {
      host.askNeighbours()
    },
  })
  witness.drawn(network.address)
  void doctor.begin()
  return {
    doctor,
    stop: () => {
      clock.stop()
    },
  }
}

/** ms: Windows itself gives its question up after two minutes. */
const PERSON_MS = 180_000

/** Asks a person, once, to have Windows' firewall let phones in. Resolves when that is settled either way. */
export function askForFirewall(settings: FirewallRuleOptions['settings'], log: (line: string) => void): Promise<void> {
  const explain = async (): Promise<boolean> => {
    const buttons = [m.firewall_allow(), m.firewall_later()]
    const question = { title: m.app_name(), message: m.firewall_title(), detail: m.firewall_text() }
    const { response } = await dialog.showMessageBox({ type: 'info', ...question, buttons, defaultId: 0, cancelId: 1 })
    return response === 0
  }
  const runForPerson = toolRunner(PERSON_MS)
  return letPhonesIn({ program: process.execPath, settings, run: runTool, runForPerson, explain, log })
}

/** Returns a reporter that has the witness hear of phones that came, too. */
export function heardBy(witness: Witness, report: (event: AppEvent) => void): (event: AppEvent) => void {
  return (event) => {
    if (event.event === 'paired') witness.paired()
    report(event)
  }
}

/** Addresses of pages of the systems' own settings. macOS 13 (Darwin 22) moved its own. Linux has none that all have. */
const PAGES: Partial<Record<NodeJS.Platform, () => Record<SystemPage, string>>> = {
  win32: () => ({ firewall: 'windowsdefender://network/', network: 'ms-settings:network' }),
  darwin: () => {
    const isNew = Number(release().split('.')[0]) >= 22
    const pane = 'x-apple.systempreferences:com.apple.'
    return {
      firewall: pane + (isNew ? 'Network-Settings.extension?Firewall' : 'preference.security?Firewall'),
      network: pane + (isNew ? 'Network-Settings.extension' : 'preference.network'),
    }
  },
}

/** Makes the handlers of the checklist beside the code. */
export function doctorHandlers(
  doctor: Pick<Doctor, 'examine'>,
): Pick<Answers, 'examine'> & Pick<Handlers, 'openSystemPage'> {
  return {
    examine: () => doctor.examine(),
    openSystemPage: async (page) => {
      const address = PAGES[process.platform]?.()[page]
      if (address !== undefined) await shell.openExternal(address)
    },
  }
}
