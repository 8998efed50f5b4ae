import '#ui/tokens.css'
import '#ui/base.css'
import { mount } from 'svelte'
import { speak } from '#messages/locale'
import App from './App.svelte'
import { AppModel } from './app-model.svelte.ts'
import { LinkHost } from './link-host.ts'
import './window-global.ts'

speak(navigator.languages)
const api = window.lanyard
const linkHost = new LinkHost()
const app = new AppModel(api)

api.onState((state) => {
  linkHost.update(state)
})
void api.state().then((state) => {
  linkHost.update(state)
})
void app.start()

const target = document.getElementById('app')
if (target !== null) mount(App, { target, props: { app } })
