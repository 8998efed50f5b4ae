import { expect } from '@playwright/test'
import type { Locator } from '@playwright/test'
import type { AppEvent, EventLog } from './events.ts'
import { whileItMoves } from './patience.ts'

const isOf = (name: string, event: AppEvent): boolean => event.event === 'transfer' && event['name'] === name
const isMoving = (event: AppEvent): boolean => event['state'] === 'moving' && event['phase'] === 'sending'

/** Waits until more than `bytes` of the file are at the receiver, and it is not all. Returns how many. */
export async function underWay(events: EventLog, name: string, bytes = 0): Promise<number> {
  const seen = await events.wait(`${bytes} bytes of ${name}`, (e) => isOf(name, e) && Number(e['bytes']) > bytes)
  expect(seen['state'], 'the file was quicker than the test: make it larger').toBe('moving')
  return Number(seen['bytes'])
}

/** Waits until the element says `state`, for as long as its words go on changing. */
export async function stateBecomes(element: Locator, state: string): Promise<void> {
  await element.waitFor()
  const look = async () => ({ state: await element.getAttribute('data-state'), text: await element.innerText() })
  await whileItMoves(state, look, (seen) => seen.state === state)
}

/** Waits until these are the element's words, for as long as they go on changing. */
export async function textBecomes(element: Locator, text: string): Promise<void> {
  await element.waitFor()
  await whileItMoves(text, () => element.innerText(), (seen) => seen === text) // prettier-ignore
}

/** What was told of the file in order, from the line `from` on. */
export const toldOf = (events: EventLog, name: string, from = 0): AppEvent[] =>
  events.all.slice(from).filter((e) => isOf(name, e))

/**
 * Bytes that were at the receiver when the file went on, for the first time since the line `from`. Waits for it; fails
 * where it had ended.
 */
export async function wentOnAt(events: EventLog, name: string, from: number): Promise<number> {
  const goesOn = (e: AppEvent): boolean => isOf(name, e) && (isMoving(e) || e['state'] !== 'moving')
  const since = (e: AppEvent): boolean => events.all.indexOf(e) >= from && goesOn(e)
  const first = await events.wait(`${name} to go on`, since)
  expect(first).toMatchObject({ state: 'moving' })
  return Number(first['bytes'])
}
