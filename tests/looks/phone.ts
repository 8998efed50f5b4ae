import '../../renderer/ui/tokens.css'
import '../../renderer/ui/base.css'
import { mount } from 'svelte'
import { speak } from '../../messages/locale.ts'
import App from '../../renderer/phone/App.svelte'
import { FakePhone } from './fake-phone.svelte.ts'
import { PHONE } from './phone-states.ts'

const query = new URLSearchParams(location.search)
speak([query.get('locale') ?? 'en'])
const pose = PHONE[query.get('state') ?? 'connected'] ?? PHONE['connected']!
mount(App, { target: document.getElementById('app')!, props: { model: new FakePhone(pose) } })
document.documentElement.dataset['posed'] = 'yes'
