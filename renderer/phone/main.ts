import '#ui/tokens.css'
import '#ui/base.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { takeDrops } from './dropping.ts'
import { Phone } from './phone.svelte.ts'

const model = new Phone()
model.start()
takeDrops((picked) => {
  model.sendPicked(picked)
})

const target = document.getElementById('app')
if (target !== null) mount(App, { target, props: { model } })
