import type {
  ListedBatch,
  AppState,
  ListedTransfer,
  DeviceView,
  UnfinishedView,
  SettingsView,
} from '#electron/app-state.ts'
import type { Reveal, WindowApi } from '#electron/window-api.ts'
import { isRunning } from '#transfer/transfer-view.ts'
import { rowsOf, type Row } from '#ui/rows.ts'
import { HistorySearch } from './history/history-search.svelte.ts'
import { RecordSearch } from './records/record-search.svelte.ts'

/** What the window shows besides what asks or has just come. */
export type View = 'phones' | 'records' | 'history' | 'settings'

function byDevice(transfers: readonly ListedTransfer[]): readonly (readonly ListedTransfer[])[] {
  const asking = transfers.filter(({ asks }) => asks).reverse()
  const devices = [...new Set(asking.map(({ deviceId }) => deviceId))]
  return devices.map((id) => asking.filter(({ deviceId }) => deviceId === id))
}

/** Shows the main process's state to the window's components. Holds no truth of its own. */
export class AppModel {
  state = $state.raw<AppState | null>(null)
  /** The last verb failed; a screen says so until the next one is asked. */
  failed = $state(false)
  /** What is wanted on the screen, which outlives a change of the language. */
  chosen = $state<View>('phones')
  /** What the tray or a notice wants shown; another object each time. */
  revealed = $state.raw<{ readonly what: Reveal } | null>(null)
  readonly api: WindowApi
  /** What is looked for, which stays while another view is shown. */
  readonly records: RecordSearch
  readonly history: HistorySearch

  readonly settings: SettingsView | undefined = $derived(this.state?.settings)
  readonly devices: readonly DeviceView[] = $derived(this.state?.devices ?? [])
  readonly here: readonly DeviceView[] = $derived(this.devices.filter(({ state }) => state === 'here'))
  readonly transfers: readonly ListedTransfer[] = $derived(this.state?.transfers ?? [])
  readonly batches: readonly ListedBatch[] = $derived(this.state?.batches ?? [])
  readonly unfinished: readonly UnfinishedView[] = $derived(this.state?.unfinished ?? [])
  /** Something waits for a phone to come. */
  readonly awaitsPhone: boolean = $derived(this.state?.handed?.phones === null)
  /** What is on the list. What asks is shown where it asks. */
  readonly rows: readonly Row<ListedTransfer, ListedBatch>[] = $derived(
    rowsOf(
      this.transfers.filter(({ asks }) => !asks),
      this.batches,
    ),
  )
  /** Files that ask, oldest first, those of one device together. */
  readonly incoming: readonly (readonly ListedTransfer[])[] = $derived(byDevice(this.transfers))
  readonly hasFinished: boolean = $derived([...this.transfers, ...this.batches].some(({ state }) => state !== 'moving'))

  constructor(api: WindowApi) {
    this.api = api
    this.records = new RecordSearch(api)
    this.history = new HistorySearch(api)
  }

  /** Follows the main process. Returns the undo. */
  start(): () => void {
    const stops = [
      this.api.onState((state) => (this.state = state)),
      this.api.onReveal((what) => {
        this.revealed = { what }
        if (what === 'settings') this.chosen = 'settings'
      }),
    ]
    // What was pushed meanwhile is newer than the answer.
    void this.api.state().then((state) => (this.state ??= state))
    return () => {
      for (const stop of stops) stop()
    }
  }

  /** Asks main to do something; when that fails the window says so, and the state stays what main says it is. */
  ask(verb: (api: WindowApi) => Promise<void>): void {
    this.failed = false
    verb(this.api).catch(() => (this.failed = true))
  }

  /** Asks main a question. Returns the answer, or null when that failed. */
  async answer<T>(question: (api: WindowApi) => Promise<T>): Promise<T | null> {
    try {
      const said = await question(this.api)
      return said
    } catch {
      this.failed = true
      return null
    }
  }

  /** Returns in which directions files move just now between this computer and a device. */
  flow(deviceId: string): { in: boolean; out: boolean } {
    const moves = (direction: 'in' | 'out'): boolean =>
      this.transfers.some(
        (transfer) => transfer.deviceId === deviceId && transfer.direction === direction && isRunning(transfer),
      )
    return { in: moves('in'), out: moves('out') }
  }
}
