import '#ui/tokens.css'
import '#ui/base.css'
import { mount } from 'svelte'
import App from './App.svelte'
import { Phone } from './phone.svelte.ts'

const model = new Phone()
model.start()

const target = document.getElementById('app')
if (target !== null) mount(App, { target, props: { model } })
