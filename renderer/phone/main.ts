import '#ui/tokens.css'
import '#ui/base.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { Phone } from './phone.svelte.ts'

const model = new Phone()
const target = document.getElementById('app')
if (target !== null) mount(App, { target, props: { model } })
// All that can fail at the start has not: what the html itself has to say about it goes.
document.getElementById('stuck')?.remove()
model.start()
// A file that is dropped would else be opened in place of the page; extras/dropped.ts sends it.
for (const type of ['dragover', 'drop'] as const)
  addEventListener(type, (event) => {
    const isText = event.dataTransfer?.types.includes('Files') === false
    if (!isText || !(event.target instanceof HTMLTextAreaElement)) event.preventDefault()
  })
