import { execFileSync, spawn } from 'node:child_process'

let count = 0

/** An address with the bits of its network, as `10.78.0.1/24`. */
export type Cidr = `${string}/${number}`

export interface AirOptions {
  readonly desktop?: Cidr
  readonly phone?: Cidr
  /** The router's own, by which the two get elsewhere. */
  readonly router?: Cidr
}

/** The names of the ends of the cables. */
const DESKTOP_END = 'wlanD'
const PHONE_END = 'wlanP'

/**
 * A computer, a phone and the router between them, as on one Wi-Fi: three network namespaces, the router's with a bridge
 * that both are plugged into. Needs root.
 */
export class Air {
  readonly desktop: string
  readonly phone: string
  readonly router: string
  readonly #more: string[] = []
  readonly #tag = `${process.pid.toString(36)}${(count++).toString(36)}`

  constructor({ desktop = '10.78.0.1/24', phone = '10.78.0.2/24', router = '10.78.0.254/24' }: AirOptions = {}) {
    this.desktop = this.#host('D')
    this.phone = this.#host('P')
    this.router = this.#host('R')
    ip('-n', this.router, 'link', 'add', 'air', 'type', 'bridge')
    ip('-n', this.router, 'addr', 'add', router, 'dev', 'air')
    ip('-n', this.router, 'link', 'set', 'air', 'up')
    const gateway = router.split('/')[0] ?? ''
    this.#plug(this.desktop, DESKTOP_END, desktop, gateway)
    this.#plug(this.phone, PHONE_END, phone, gateway)
  }

  /** As a guest network does: each device reaches the router and no other. */
  isolate(): void {
    for (const end of [DESKTOP_END, PHONE_END])
      ip('-n', this.router, 'link', 'set', `${end}-r`, 'type', 'bridge_slave', 'isolated', 'on')
  }

  /** As a firewall of the computer does whose rules nobody may read. */
  dropTcp(): void {
    this.#drop(this.desktop, 'tcp flags & (syn | ack) == syn')
  }

  /** As networks do that carry no multicast. */
  dropMdns(): void {
    for (const host of [this.desktop, this.phone]) this.#drop(host, 'udp dport 5353')
  }

  /** As networks do that carry no UDP at all. */
  dropUdp(): void {
    for (const host of [this.desktop, this.phone]) this.#drop(host, 'meta l4proto udp')
  }

  /** The router does not answer any more. */
  silenceRouter(): void {
    ip('-n', this.router, 'addr', 'flush', 'dev', 'air')
  }

  /** The computer sends all that goes elsewhere through a VPN. */
  tunnel(): void {
    // Of its kind by its name alone: not every kernel here can make a real one.
    ip('-n', this.desktop, 'link', 'add', 'tun0', 'type', 'veth', 'peer', 'name', 'tun0-end')
    ip('-n', this.desktop, 'link', 'set', 'tun0-end', 'up')
    ip('-n', this.desktop, 'addr', 'add', '10.99.0.2/24', 'dev', 'tun0')
    ip('-n', this.desktop, 'link', 'set', 'tun0', 'up')
    ip('-n', this.desktop, 'route', 'replace', 'default', 'dev', 'tun0')
  }

  /** The computer is on one more network, by a cable. Returns the host at its other end. */
  second(): string {
    const other = this.#host('O')
    ip('link', 'add', 'cable', 'netns', this.desktop, 'type', 'veth', 'peer', 'name', 'end', 'netns', other)
    for (const [host, device, address] of [
      [this.desktop, 'cable', '192.168.79.1/24'],
      [other, 'end', '192.168.79.2/24'],
    ] as const)
      this.#configure(host, device, address)
    ip('-n', other, 'route', 'add', 'default', 'via', '192.168.79.1')
    return other
  }

  /** The computer loses its network. */
  unplug(): void {
    ip('-n', this.desktop, 'link', 'del', DESKTOP_END)
  }

  /** The computer has another address, by a new lease. */
  readdress(address: Cidr, gateway: string): void {
    ip('-n', this.desktop, 'addr', 'flush', 'dev', DESKTOP_END, 'scope', 'global')
    this.#configure(this.desktop, DESKTOP_END, address)
    ip('-n', this.desktop, 'route', 'replace', 'default', 'via', gateway, 'dev', DESKTOP_END, 'onlink')
  }

  /** No router gives the computer an address: it has but the one of its own making. */
  starve(): void {
    ip('-n', this.desktop, 'addr', 'flush', 'dev', DESKTOP_END, 'scope', 'global')
  }

  /** A host takes another network for one on its own cable. */
  route(host: string, network: Cidr): void {
    ip('-n', host, 'route', 'add', network, 'dev', host === this.desktop ? DESKTOP_END : PHONE_END)
  }

  /** The phone tries to connect to the computer, and gives up soon. */
  async knock(address: string, port: number): Promise<void> {
    const script = `exec 3<>/dev/tcp/${address}/${port}`
    const knocking = spawn(...this.on(this.phone, 'timeout', ['3', 'bash', '-c', script]), { stdio: 'ignore' })
    await new Promise((resolve) => knocking.once('close', resolve))
  }

  /** The two have spoken with each other before. */
  greet(address: string): void {
    execFileSync(...this.on(this.phone, 'bash', ['-c', `echo > /dev/udp/${address}/9`]))
  }

  /** The command that runs `program` on a host. */
  on(host: string, program: string, args: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', host, program, ...args]]
  }

  remove(): void {
    for (const name of this.#more) ip('netns', 'del', name)
  }

  #host(letter: string): string {
    const name = `lanyard${letter}${this.#tag}`
    ip('netns', 'add', name)
    this.#more.push(name)
    ip('-n', name, 'link', 'set', 'lo', 'up')
    return name
  }

  #plug(host: string, device: string, address: Cidr, gateway: string): void {
    const far = `${device}-r`
    ip('link', 'add', device, 'netns', host, 'type', 'veth', 'peer', 'name', far, 'netns', this.router)
    ip('-n', this.router, 'link', 'set', far, 'master', 'air', 'up')
    this.#configure(host, device, address)
    ip('-n', host, 'route', 'add', 'default', 'via', gateway, 'dev', device, 'onlink')
  }

  #configure(host: string, device: string, address: Cidr): void {
    // One of IPv6 would wait for whoever else may have it.
    ip('-n', host, 'addr', 'add', address, 'dev', device, ...(address.includes(':') ? ['nodad'] : []))
    ip('-n', host, 'link', 'set', device, 'up')
  }

  #drop(host: string, what: string): void {
    const rules = `table inet wall {\nchain in {\ntype filter hook input priority 0\niifname "wlan*" ${what} drop\n}\n}\n`
    execFileSync('ip', ['netns', 'exec', host, 'nft', '-f', '-'], { input: rules })
  }
}

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
