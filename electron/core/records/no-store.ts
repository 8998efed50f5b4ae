import type { Store } from '#store/database/store.ts'

const nothing = (): void => undefined

/** A store that keeps nothing, for a core that is given none. */
export const NO_STORE: Store = {
  note: null,
  close: nothing,
  records: {
    cursor: () => '',
    keep: nothing,
    replaceAll: nothing,
    find: () => ({ rows: [], total: 0 }),
    kinds: () => [],
    whole: () => [],
    keysOf: () => [],
    hide: nothing,
    forgetDevice: nothing,
    count: () => 0,
  },
  history: {
    add: nothing,
    find: () => ({ rows: [], total: 0 }),
    one: () => undefined,
    clear: nothing,
  },
}
