import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CoreHub } from '#core/core-options.ts'

/** A hub that does nothing. */
export const hubOn = (port: number): CoreHub => ({
  port,
  expel: () => undefined,
  downloads: null,
})

/** The program's own folder beside a test's inbox. */
export const dataFor = (inbox: string): string => (inbox === '' ? join(tmpdir(), 'lanyard-none') : `${inbox}-data`)
