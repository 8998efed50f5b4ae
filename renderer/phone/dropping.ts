import { fromDrop, type Picked } from './folder-pick.ts'

/** On a tablet or a laptop files and folders can be dropped anywhere on the page, which would else open them. */
export function takeDrops(send: (picked: readonly Picked[]) => void): void {
  addEventListener('dragover', (event) => {
    event.preventDefault()
  })
  addEventListener('drop', (event) => {
    event.preventDefault()
    void fromDrop(event.dataTransfer?.items ?? []).then(({ files }) => {
      send(files)
    })
  })
}
