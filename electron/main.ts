import { app } from 'electron'
import { spawn } from 'node:child_process'
import { mkdirSync, statSync, writeSync } from 'node:fs'
import { resolve } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { writerTo } from '#hub/output.ts'
import { diskPath, pathMeant, pathOfUri } from '#inbox/byte-names.ts'
import { speak } from '#messages/locale'
import { startApp, type RunningApp } from './app.ts'
import {
  dropStale,
  handOver,
  Inlet,
  STAY_HIDDEN,
  isTooLong,
  takeOver,
  type Handover,
} from '#electron/shell/handover.ts'
import { chromiumSwitches, HELP, ownArguments, parseCommand, withoutPaths, type Options } from './cli.ts'
import { Lines, jsonReporter, quietReporter, terminalReporter, type Reporter } from './terminal.ts'
import { lockContents, registerScheme } from './security.ts'
import { DesktopShell } from './shell/desktop-shell.ts'
import { Lifecycle } from './shell/lifecycle.ts'
import { confirmQuit, leave, leaveByUpdater, watchWaysOut, watchWindow } from './shell/ways-out.ts'
import { isOurs } from './window.ts'

/** The platform, and no complaints about what a machine without a screen lacks. */
const HEADLESS_SWITCHES = ['--ozone-platform=headless', '--disable-gpu', '--log-level=3']

/** Milliseconds that saying goodbye to the network and to phones may take. */
const CLOSE_MS = 3_000

/** Milliseconds for a start to come through whose end is asked for already: what it has opened is closed in order then. */
const START_MS = 10_000

// Lifecycle and wiring only. The command line decides first, before Electron starts anything.

const out = writerTo(() => process.stdout)
const err = writerTo(() => process.stderr)
const lines = new Lines(out)

const args = ownArguments(process.argv, app.isPackaged)
const command = parseCommand(args)
switch (command.run) {
  case 'help':
    finish(1, HELP, 0)
    break
  case 'version':
    finish(1, `${app.getVersion()}\n`, 0)
    break
  case 'wrong':
    finish(2, `lanyard: ${command.problem} (--help lists the options)\n`, 2)
    break
  case 'app': {
    const { send } = command.options
    const paths = await Promise.all(send.map((path) => pathMeant(pathOfUri(path) ?? resolve(path))))
    // One that is missing among others is named in the window, as what can't be sent always is.
    if (paths.length > 0 && !paths.some(isThere))
      finish(2, `lanyard: only files and folders can be sent (as with --send), and '${send[0] ?? ''}' is neither\n`, 2)
    await run(command.options, paths)
  }
}

function isThere(path: string): boolean {
  const found = statSync(diskPath(path), { throwIfNoEntry: false })
  return found !== undefined && (found.isFile() || found.isDirectory())
}

/** Written at once, because process.exit waits for nothing. */
function finish(stream: 1 | 2, text: string, code: number): void {
  try {
    writeSync(stream, text)
  } catch {
    // Whoever was to read it is gone.
  }
  process.exit(code)
}

/** `named`: absolute paths of the command line. */
async function run(options: Options, named: readonly string[]): Promise<void> {
  const noDisplay = process.platform === 'linux' && !process.env['DISPLAY'] && !process.env['WAYLAND_DISPLAY']
  const platform = app.commandLine.getSwitchValue('ozone-platform')
  const headless = options.headless || platform === 'headless' || noDisplay
  if (options.data !== undefined) {
    mkdirSync(options.data, { recursive: true })
    app.setPath('userData', resolve(options.data))
  }
  const data = app.getPath('userData')
  const paths = [...(await takeOver(data, { list: options.handed })), ...named]
  const handover = await handOver(data, paths)
  if (headless && process.platform === 'linux' && platform !== 'headless') await runInstead(HEADLESS_SWITCHES, handover)
  if (isTooLong(process.argv, data)) await runInstead([], handover)
  const report = reporterFor({ ...options, headless })
  if (!app.requestSingleInstanceLock(handover ?? (options.hidden ? STAY_HIDDEN : {}))) {
    if (handover === null)
      report({ event: 'error', code: 'already-running', message: 'already running with this data folder' })
    else report({ event: 'handed', count: paths.length })
    lines.flush()
    process.exit(handover === null ? 1 : 0)
  }
  const inlet = new Inlet(app, data)
  const first = await takeOver(data, handover)
  if (first.length > 0) inlet.put(first)
  await dropStale(data)
  // Electron's own way is a dialog that stops everything until somebody clicks it, also while the app is ending.
  process.on('uncaughtException', (error) => {
    report({ event: 'error', code: 'internal', message: `a fault in Lanyard: ${error.stack ?? error.message}` })
  })
  prepare()
  // Never `await app.whenReady()` here: it waits for this module, which would wait for it.
  void app.whenReady().then(() => {
    // The login items of macOS take no arguments.
    const atLogin = process.platform === 'darwin' && app.getLoginItemSettings().wasOpenedAtLogin
    return startAndStop({ ...options, headless, hidden: options.hidden || atLogin }, report, inlet)
  })
}

/**
 * Starts the program again with these switches and stands in for the second one: Chromium chooses its display before this
 * file runs, and sends the whole command line to an app that runs already. `handover`: instead of the paths on it.
 */
async function runInstead(more: readonly string[], handover: Handover | null): Promise<void> {
  const folder = app.isPackaged ? [] : [app.getAppPath()]
  const own = handover === null ? args : [...withoutPaths(args), `--handed=${handover.list}`]
  const argv = [...chromiumSwitches(process.argv), ...more, ...folder, '--', ...own]
  const child = spawn(process.execPath, argv, { stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
  const code = await new Promise<number>((done) => {
    child.once('error', () => {
      done(1)
    })
    child.once('exit', (exit) => {
      done(exit ?? 1)
    })
  })
  process.exit(code)
}

function prepare(): void {
  // Hidden `.local` candidates don't cross every network; this computer's plain addresses do.
  const disabled = app.commandLine.getSwitchValue('disable-features')
  app.commandLine.appendSwitch('disable-features', [disabled, 'WebRtcHideLocalIpsWithMdns'].filter(Boolean).join(','))
  registerScheme()
  // Windows shows no notice of a program without it; the installer's shortcut has the same (appId in electron-builder.yml).
  if (process.platform === 'win32') app.setAppUserModelId('invalid.lanyard.desktop')
  // Together with --no-sandbox (root) this call would end every child process.
  if (!app.commandLine.hasSwitch('no-sandbox')) app.enableSandbox()
  app.on('web-contents-created', (_event, contents) => {
    lockContents(contents, isOurs)
  })
}

function reporterFor(options: Options): Reporter {
  if (options.json) return jsonReporter(lines.say)
  return options.headless ? terminalReporter(out, err) : quietReporter(err)
}

/** What there is of the program by now. */
interface Run {
  /** Resolves once it runs; null where it could not start. */
  started: Promise<RunningApp | null>
  running: RunningApp | null
  shell: DesktopShell | null
}

async function startAndStop(options: Options, report: Reporter, inlet: Inlet): Promise<void> {
  speak(app.getPreferredSystemLanguages())
  const run: Run = { started: Promise.resolve(null), running: null, shell: null }
  const lifecycle = lifecycleOf(run)
  // Before anything is open: whoever ends the program in the middle of its start loses nothing either.
  watchWaysOut(lifecycle)
  const starting = startApp(options, report, {
    quitForUpdate: (handOff) => {
      lifecycle.quit('update', () => {
        leaveByUpdater(handOff, lastWords)
      })
    },
    onWindow: (window) => {
      watchWindow(window, lifecycle)
    },
  })
  run.started = starting.catch(() => null)
  try {
    run.running = await starting
  } catch (error) {
    if (lifecycle.reason !== null) return
    report({ event: 'error', code: 'start-failed', message: error instanceof Error ? error.message : String(error) })
    lines.flush()
    app.exit(1)
    return
  }
  if (lifecycle.reason === null) await goOn(run.running)

  async function goOn(running: RunningApp): Promise<void> {
    const take = (paths: readonly string[]): void => {
      running.take(paths)
      lifecycle.reopen()
    }
    if (!options.headless) run.shell = await openShell(running, lifecycle, take)
    // Ended while it was opened, it came too late to be closed with the rest.
    if (lifecycle.reason === null) inlet.open(take)
    else await run.shell?.close()
  }
}

/** The dock of macOS brings the window back, whatever the setting. Before all runs there is nothing to stay for. */
const staysWhenClosed = (running: RunningApp | null): boolean =>
  running !== null && (process.platform === 'darwin' || running.settings.now.keepInTray)

function lifecycleOf(run: Run): Lifecycle {
  const lifecycle: Lifecycle = new Lifecycle({
    isMoving: () => run.running?.isMoving() === true,
    confirmQuit: (gone) => confirmQuit(run.running?.window.window ?? null, gone),
    staysWhenClosed: () => staysWhenClosed(run.running),
    canReopen: () => process.platform === 'darwin' || run.shell?.hasTray === true,
    hide: () => {
      run.running?.window.hide()
      run.shell?.wasHidden()
    },
    minimise: () => {
      run.running?.window.minimise()
    },
    show: () => {
      run.running?.window.show()
    },
    close: async () => {
      const running = await Promise.race([run.started, delay(START_MS, null)])
      running?.endsFor(lifecycle.reason)
      await Promise.race([Promise.all([run.shell?.close(), running?.close()]), delay(CLOSE_MS)])
    },
    leave: () => {
      leave(lastWords)
    },
  })
  return lifecycle
}

const lastWords = (): void => {
  lines.flush()
}

async function openShell(
  running: RunningApp,
  lifecycle: Lifecycle,
  take: (paths: readonly string[]) => void,
): Promise<DesktopShell> {
  const { core, update, settings, handlers, window, reveal, program } = running
  const shell = await DesktopShell.open({ core, update, settings, handlers, window, reveal, program, lifecycle, take })
  running.onChange(() => {
    shell.changed()
  })
  for (const event of ['browser-window-focus', 'browser-window-blur'] as const)
    app.on(event as 'browser-window-focus', () => {
      shell.changed()
    })
  app.on('activate', () => {
    lifecycle.reopen()
  })
  return shell
}
