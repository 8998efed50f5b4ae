import { beforeEach, describe, expect, test } from 'vitest'
import { BLOCK_BYTES } from '#protocol/limits.ts'
import { Inbox, makeInbox } from './inbox.ts'
import { complete, content, DATA, give, IN, offerOf, PHONE, Stage } from './testing/stage.ts'

const SMALL = content(1_000)
const LARGE = content(3 * BLOCK_BYTES + 9)
const MARK = '.lanyard-inbox'
/** Of the inbox's drive; the program's own folder is on 1. */
const DRIVE = 7

let stage: Stage
beforeEach(() => {
  stage = new Stage()
})
const drive = (): void => stage.disk.mounted(IN, DRIVE)
/** The drive is unplugged: its path leads to the folder that it was mounted on. */
function unplug(): void {
  stage.disk.move(IN, '/drive')
  stage.disk.folder(IN)
  stage.clock.pass(10_000)
}
function plugIn(): void {
  stage.disk.take(IN)
  stage.disk.move('/drive', IN)
  stage.clock.pass(10_000)
}
const make = (): Promise<void> => makeInbox({ folder: IN, data: DATA }, stage.disk)
const away = { code: 'disk-error', lasting: false }

describe('B5 an inbox on a drive of its own', () => {
  beforeEach(drive)

  test.each([
    ['small', SMALL],
    ['large', LARGE],
  ])('a %s file waits while the drive is away, and lands there once it is back', async (_, bytes) => {
    await stage.receive(SMALL, { name: 'first' })
    unplug()
    await expect(stage.receive(bytes, { name: 'second', path: ['deep'] })).rejects.toMatchObject(away)
    await expect(stage.inbox.missing(1)).rejects.toMatchObject(away)
    expect(stage.disk.tree(IN)).toEqual([])
    plugIn()
    await stage.receive(bytes, { name: 'second', path: ['deep'] })
    expect(stage.files).toEqual([MARK, 'deep/', 'deep/second', 'first'])
  })

  test('that goes away in the middle of a file: it goes on', async () => {
    const offer = offerOf(LARGE)
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0, 1)
    unplug()
    await expect(complete(sink, LARGE)).rejects.toMatchObject(away)
    await sink.suspend()
    expect(stage.disk.tree(IN)).toEqual([])
    plugIn()
    await complete(await stage.inbox.open(PHONE, offer), LARGE)
    expect(stage.files).toEqual([MARK, 'film.bin'])
  })

  test('B4 starts without it lose nothing: neither journals nor parts, however many there are', async () => {
    const offer = offerOf(LARGE, { path: ['deep'] })
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0, 2)
    await sink.suspend()
    unplug()
    for (let i = 0; i < 3; i++) {
      const inbox = stage.restart()
      await make()
      await inbox.start()
      expect(inbox.partsOf(PHONE)).toHaveLength(1)
      await expect(inbox.open(PHONE, offer)).rejects.toMatchObject(away)
      await inbox.close()
      expect([stage.journals.length, stage.disk.tree(IN)]).toEqual([1, []])
    }
    plugIn()
    const inbox = stage.restart()
    await inbox.start()
    const again = await inbox.open(PHONE, offer)
    expect(again.have.map((hash) => hash !== undefined)).toEqual([true, false, true])
    await complete(again, LARGE)
    expect(stage.files).toEqual([MARK, 'deep/', 'deep/film.bin'])
  })

  test('another drive at its path is not its place, of the same number neither, until a person says so', async () => {
    await stage.receive(SMALL, { name: 'first' })
    unplug()
    drive()
    await expect(stage.receive(SMALL)).rejects.toMatchObject(away)
    stage.disk.put(`${IN}/${MARK}`, 'f'.repeat(32))
    stage.clock.pass(10_000)
    await expect(stage.receive(SMALL)).rejects.toMatchObject(away)
    stage.disk.put(`${IN}/${MARK}`, '')
    await stage.receive(SMALL)
    expect(stage.files).toEqual([MARK, 'film.bin'])
    expect(stage.disk.text(`${IN}/${MARK}`)).toMatch(/^[0-9a-f]{32}$/u)
    const inbox = stage.restart()
    await complete(await inbox.open(PHONE, offerOf(SMALL)), SMALL)
  })

  test('its folder is not made where its drive is away', async () => {
    await stage.receive(SMALL, { name: 'first' })
    stage.disk.move(IN, '/drive')
    await make()
    expect(() => stage.disk.tree(IN)).toThrow()
  })
})

describe('B5 an inbox on the file system of the program', () => {
  test('bears no mark; removed, it is made again, and is the same place', async () => {
    await stage.receive(SMALL)
    expect(stage.files).toEqual(['film.bin'])
    stage.disk.take(IN)
    stage.restart()
    await make()
    await stage.receive(SMALL)
    expect(stage.files).toEqual(['film.bin'])
  })

  test('is not where somebody has mounted something over it', async () => {
    await stage.receive(SMALL)
    drive()
    stage.clock.pass(10_000)
    await expect(stage.receive(SMALL)).rejects.toMatchObject(away)
  })

  test('that a person has chosen and that is not there is made', async () => {
    stage.disk.take(IN)
    await make()
    await stage.receive(SMALL)
    expect(stage.files).toEqual(['film.bin'])
  })
})

describe('B4 what can’t be read just now is not nothing', () => {
  test.each(['EIO', 'EACCES'])('%s at the journals or the ledger: neither they nor parts are removed', async (code) => {
    const offer = offerOf(LARGE)
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0)
    await sink.suspend()
    for (let nth = 1; nth <= 3; nth++) {
      stage.disk.fail({ nth, call: 'readText', code })
      const inbox = stage.restart()
      await inbox.start().catch(() => undefined)
      stage.disk.heal()
      expect([nth, stage.journals.length, stage.parts.length]).toEqual([nth, 1, 1])
    }
    const again = await stage.restart().open(PHONE, offer)
    expect(again.have[0]).toBeDefined()
  })

  test('a folder of the inbox that can’t be looked into keeps its parts', async () => {
    const offer = offerOf(LARGE, { path: ['deep'] })
    const sink = await stage.inbox.open(PHONE, offer)
    await give(sink, LARGE, 0)
    await sink.suspend()
    stage.disk.fail({ nth: 1, call: 'lstat', code: 'EACCES', always: true })
    await stage.restart().start()
    stage.disk.heal()
    const again = await stage.restart().open(PHONE, offer)
    expect(again.have[0]).toBeDefined()
  })
})

describe('a person means another folder', () => {
  const told: boolean[] = []
  const other = (): Inbox => {
    told.length = 0
    const inbox: Inbox = new Inbox({
      disk: stage.disk,
      clock: stage.clock,
      folder: IN,
      data: DATA,
      onOther: () => told.push(inbox.isOther),
    })
    return inbox
  }

  test.each([
    ['on another drive', 8],
    ['on the disk of the program', 1],
  ])('%s: it is said once, files wait, and land there after the yes', async (_, device) => {
    drive()
    await stage.receive(SMALL, { name: 'first' })
    unplug()
    stage.disk.mounted(IN, device)
    stage.restart()
    const inbox = other()
    for (let i = 0; i < 2; i++) await expect(inbox.missing(1)).rejects.toMatchObject(away)
    expect([told, stage.disk.tree(IN)]).toEqual([[true], []])
    await inbox.use()
    expect(told).toEqual([true, false])
    await complete(await inbox.open(PHONE, offerOf(SMALL, { name: 'second' })), SMALL)
    expect(stage.files.filter((name) => name !== MARK)).toEqual(['second'])
    // For good: also in the next run.
    await inbox.close()
    await stage.restart().missing(1)
  })

  test('nothing is asked where there is no folder at all, and no longer when the right one is back', async () => {
    drive()
    await stage.receive(SMALL, { name: 'first' })
    unplug()
    stage.restart()
    const inbox = other()
    await expect(inbox.missing(1)).rejects.toMatchObject(away)
    stage.disk.take(IN)
    await expect(inbox.missing(1)).rejects.toMatchObject({ code: 'disk-error' })
    expect(told).toEqual([true, false])
    await expect(inbox.use()).rejects.toMatchObject({ code: 'disk-error' })
    stage.disk.move('/drive', IN)
    stage.clock.pass(10_000)
    await inbox.missing(1)
    expect(told).toEqual([true, false])
  })
})
