import '../../renderer/ui/tokens.css'
import '../../renderer/ui/base.css'
import { mount, unmount } from 'svelte'
import { speak } from '../../messages/locale.ts'
import App from '../../renderer/phone/App.svelte'
import { FakePhone } from './fake-phone.svelte.ts'
import { start } from '#phone/extras/start.ts'
import { RecordLog } from '../../transfer/records/record-log.ts'
import { isRunning } from '#transfer/transfer-view.ts'
import { PHONE } from './phone-states.ts'
import { poseFor } from './pose.ts'

speak([new URLSearchParams(location.search).get('locale') ?? 'en'])
const target = document.getElementById('app')!
let model: FakePhone | undefined
let before: object | undefined

async function show(state: string): Promise<void> {
  model?.still()
  if (before !== undefined) await unmount(before)
  // What start() has put in beside the page.
  target.replaceChildren()
  const pose = PHONE[state] ?? PHONE['connected']!
  model = new FakePhone(pose)
  before = mount(App, { target, props: { model } })
  if (pose.lane === null && pose.connection !== 'lost') return
  const { records = [], texts = [] } = pose.extras ?? {}
  const log = new RecordLog()
  for (const record of records) log.put(record)
  sessionStorage.setItem('lanyard-records.looks', JSON.stringify(log.save()))
  sessionStorage.setItem('lanyard-texts.looks', JSON.stringify(texts))
  start(model)
  if (records.length > 0) await offerPicture()
}

poseFor({
  show,
  moves: () => model?.transfers.some(isRunning) ?? false,
  still: () => model?.still(),
})

/** A photo, as a person would pick one. */
async function offerPicture(): Promise<void> {
  const canvas = Object.assign(document.createElement('canvas'), { width: 400, height: 300 })
  const context = canvas.getContext('2d')!
  context.fillStyle = '#48a'
  context.fillRect(0, 0, 400, 160)
  context.fillStyle = '#5a3'
  context.fillRect(0, 160, 400, 140)
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg'))
  const files = new DataTransfer()
  files.items.add(new File([blob!], 'IMG_4012.JPG', { type: 'image/jpeg' }))
  const input = document.querySelector<HTMLInputElement>('#offer')!
  input.files = files.files
  input.dispatchEvent(new Event('change', { bubbles: true }))
}
