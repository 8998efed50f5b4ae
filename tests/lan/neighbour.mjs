// A device that says something by mDNS twice a second, as many do now and then, until it is ended. Its first line says that
// it has begun.
import { Bonjour } from 'bonjour-service'

const { mdns } = new Bonjour().server
const ask = () => mdns.query('_ipp._tcp.local', 'PTR')
mdns.on('ready', () => {
  ask()
  setInterval(ask, 500)
  console.log('up')
})
