import '#ui/tokens.css'
import '#ui/base.css'
import { mount } from 'svelte'
import { speak } from '#messages/locale'
import App from './App.svelte'
import { Desk } from './desk.svelte.ts'
import { Hosting } from './hosting.ts'
import './shell.ts'

speak(navigator.languages)
const api = window.lanyard
const hosting = new Hosting()
const desk = new Desk(api)

api.onState((state) => {
  hosting.update(state)
})
void api.state().then((state) => {
  hosting.update(state)
})
void desk.start()

const target = document.getElementById('app')
if (target !== null) mount(App, { target, props: { desk } })
