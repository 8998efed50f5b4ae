import { execFileSync } from 'node:child_process'

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}

/** This process must be in a namespace of its own: here networks are made and unmade. */
export function mustBeAlone(): void {
  const devices = execFileSync('ip', ['-o', 'link'], { encoding: 'utf8' }).trim().split('\n')
  if (devices.length > 1) throw new Error('run by `npm test -- lan`, in a network namespace of its own')
}

/** Puts a network adapter into this namespace, with an address of a /24 network. Returns its undo. */
export function plugIn(adapter: string, address: string): () => void {
  ip('link', 'add', adapter, 'type', 'veth', 'peer', 'name', `${adapter}-end`)
  ip('addr', 'add', `${address}/24`, 'dev', adapter)
  ip('link', 'set', `${adapter}-end`, 'up')
  ip('link', 'set', adapter, 'up')
  // Without a default route Chromium takes the host for offline.
  ip('route', 'append', 'default', 'dev', adapter)
  return () => {
    ip('link', 'del', adapter)
  }
}
