import { afterAll, expect, test } from 'vitest'
import { setStage } from '#hub/testing/stage.ts'
import { runChecks } from '../conformance/checks.ts'
import { HUB_CHECKS, HubStage } from '../conformance/hub-checks.ts'

/** The eleven events of 2018, as the conformance kit asks any hub for them. */

const open = await setStage({ open: true })
const on = new HubStage(`http://127.0.0.1:${open.hub.port}`)
afterAll(async () => {
  on.close()
  await open.clear()
})

test.each(HUB_CHECKS)('$name: the hub $about', async (check) => {
  const [result] = await runChecks([check], on, () => undefined)
  expect(result).toEqual({ name: check.name, section: check.section, outcome: 'pass', why: '' })
})
