import '#ui/tokens.css'
import '#ui/base.css'
import { flushSync, mount, unmount } from 'svelte'
import type { AppState } from '#electron/app-state.ts'
import { speak } from '#messages/locale'
import App from './App.svelte'
import { AppModel } from './app-model.svelte.ts'
import { LinkHost } from './link-host.ts'
import './window-global.ts'

const api = window.lanyard
const linkHost = new LinkHost()
const app = new AppModel(api)
const target = document.getElementById('app')
let shown: object | undefined
let language: string | undefined

/** Shows the window in a language. All its words are made anew; what is going on stays. */
function showIn(wanted: AppState['settings']['language']): void {
  if (wanted === language || target === null) return
  language = wanted
  speak(wanted === 'system' ? navigator.languages : [wanted])
  const focused = document.activeElement?.id ?? ''
  if (shown !== undefined) void unmount(shown)
  shown = mount(App, { target, props: { app } })
  flushSync()
  document.getElementById(focused)?.focus()
}

function update(state: AppState): void {
  linkHost.update(state)
  showIn(state.settings.language)
}

api.onState(update)
void api.state().then(update)
void app.start()
