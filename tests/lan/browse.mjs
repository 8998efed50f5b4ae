// Looks for Lanyard on the network as a native app would, prints the first it finds as JSON, and ends.
import { Bonjour } from 'bonjour-service'

const bonjour = new Bonjour()
const timer = setTimeout(() => {
  process.exit(1)
}, 10_000)
bonjour.findOne({ type: 'lanyard' }, undefined, ({ port, txt, addresses }) => {
  clearTimeout(timer)
  console.log(JSON.stringify({ event: 'found', port, txt, addresses }))
  bonjour.destroy(() => {
    process.exit(0)
  })
})
