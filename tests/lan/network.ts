import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** The addresses of the two hosts, and how much of them is the network's: 32 bits are an address that stands alone. */
export interface Cable {
  readonly desktopAddress: string
  readonly phoneAddress: string
  readonly bits: number
}

/** Hosts with no address of IPv4 but their own loopback. */
export const IPV6_ALONE: Cable = {
  desktopAddress: 'fd12:3456:789a:1::1',
  phoneAddress: 'fd12:3456:789a:1::2',
  bits: 64,
}

const HOME: Cable = { desktopAddress: '10.77.0.1', phoneAddress: '10.77.0.2', bits: 24 }

/** Two hosts on a cable, as two network namespaces of this machine. Needs root. */
export class Lan {
  readonly desktopAddress: string
  readonly #cable: Cable
  readonly desktop: string
  readonly phone: string
  readonly #folder = mkdtempSync(join(tmpdir(), 'lanyard-lan-'))

  constructor(cable = HOME) {
    this.#cable = cable
    this.desktopAddress = cable.desktopAddress
    const tag = process.pid.toString(36)
    this.desktop = `lanyardA${tag}`
    this.phone = `lanyardB${tag}`
    for (const name of [this.desktop, this.phone]) run('ip', 'netns', 'add', name)
    run('ip', 'link', 'add', 'vA', 'netns', this.desktop, 'type', 'veth', 'peer', 'name', 'vB', 'netns', this.phone)
    this.#configure(this.desktop, 'vA', cable.desktopAddress, cable.phoneAddress)
    this.#configure(this.phone, 'vB', cable.phoneAddress, cable.desktopAddress)
  }

  /** The command that runs `program` on the host. */
  on(host: string, program: string, args: readonly string[]): [string, string[]] {
    return ['ip', ['netns', 'exec', host, program, ...args]]
  }

  /** A file that runs `program` on the phone's host, for those who want one executable. */
  phoneProgram(program: string, flags = ''): string {
    const file = join(this.#folder, 'phone-browser')
    writeFileSync(file, `#!/bin/sh\nexec ip netns exec ${this.phone} ${program} ${flags} "$@"\n`)
    chmodSync(file, 0o755)
    return file
  }

  /** Gives the phone's host one more address, of no network of the desktop's. */
  addPhoneAddress(address: string): void {
    run('ip', '-n', this.phone, 'addr', 'add', `${address}/32`, 'dev', 'vB')
  }

  /** Puts both hosts on one more network, over the same cable. */
  addNetwork(desktopAddress: string, phoneAddress: string): void {
    run('ip', '-n', this.desktop, 'addr', 'add', `${desktopAddress}/24`, 'dev', 'vA')
    run('ip', '-n', this.phone, 'addr', 'add', `${phoneAddress}/24`, 'dev', 'vB')
  }

  /** Takes an address of the desktop's away, as its router or its person does. */
  dropDesktopAddress(address: string): void {
    run('ip', '-n', this.desktop, 'addr', 'del', `${address}/24`, 'dev', 'vA')
    // Of an address that goes its routes go too.
    run('ip', '-n', this.desktop, 'route', 'replace', 'default', 'dev', 'vA')
  }

  /** As a guest Wi-Fi does: multicast names go nowhere. */
  blockMdns(): void {
    for (const host of [this.desktop, this.phone]) {
      this.#rules(
        host,
        'table inet mdns { chain out { type filter hook output priority 0; oifname "v*" udp dport 5353 counter drop; } }',
      )
    }
  }

  /** As a desktop firewall does: no UDP comes in that was not asked for. */
  blockInboundUdp(): void {
    const rule = 'iifname "vA" meta l4proto udp ct state new counter drop;'
    this.#rules(this.desktop, `table inet wall { chain in { type filter hook input priority 0; ${rule} } }`)
  }

  /** As a network that lets no UDP through, either way. It can be lifted, and put up in the middle of a file. */
  blockUdp(): void {
    for (const [host] of this.#ends)
      this.#rules(
        host,
        'table inet noudp { chain in { type filter hook input priority 0; iifname "v*" meta l4proto udp counter drop; } }',
      )
  }

  allowUdp(): void {
    for (const [host] of this.#ends) run('ip', 'netns', 'exec', host, 'nft', 'delete', 'table', 'inet', 'noudp')
  }

  /** The cable carries so many Mbit/s in each direction. */
  limit(mbit: number): void {
    for (const [host, device] of this.#ends)
      run('ip', 'netns', 'exec', host, 'tc', 'qdisc', 'replace', 'dev', device, 'root', 'tbf', 'rate', `${mbit}mbit`, 'burst', '128kb', 'latency', '50ms') // prettier-ignore
  }

  /** Of a hundred packets that arrive at either host, so many are lost by chance. */
  lose(percent: number): void {
    const rule = `iifname "v*" numgen random mod 100 < ${percent} counter drop;`
    for (const [host] of this.#ends)
      this.#rules(host, `table inet loss { chain in { type filter hook input priority 0; ${rule} } }`)
  }

  /**
   * As a Wi-Fi does: so many Mbit/s, of a thousand packets so many lost, and a delay that varies, where the kernel can do that.
   * Returns whether it can.
   */
  likeWifi(mbit: number, lostOfThousand: number, delayMs: number, jitterMs: number): boolean {
    const rule = `iifname "v*" numgen random mod 1000 < ${lostOfThousand} counter drop;`
    const netem = ['netem', 'delay', `${delayMs}ms`, `${jitterMs}ms`, 'rate', `${mbit}mbit`, 'limit', '10000']
    const replace = ([host, device]: readonly [string, string]): string[] => ['netns', 'exec', host, 'tc', 'qdisc', 'replace', 'dev', device, 'root'] // prettier-ignore
    const isDelayed = this.#ends.every(
      (end) => spawnSync('ip', [...replace(end), ...netem], { stdio: 'ignore' }).status === 0,
    )
    if (!isDelayed) this.limit(mbit)
    for (const [host] of this.#ends)
      this.#rules(host, `table inet air { chain in { type filter hook input priority 0; ${rule} } }`)
    return isDelayed
  }

  /** One UDP packet from the phone's host to the desktop's that nobody asked for. */
  knock(): void {
    run('ip', 'netns', 'exec', this.phone, 'bash', '-c', `echo > /dev/udp/${this.desktopAddress}/9`)
  }

  /** Packets that the rules of that table have dropped: proof that they were in the way. */
  dropped(host: string, table: string): number {
    const text = execFileSync('ip', ['netns', 'exec', host, 'nft', 'list', 'table', 'inet', table], {
      encoding: 'utf8',
    })
    return [...text.matchAll(/packets (\d+)/g)].reduce((sum, match) => sum + Number(match[1]), 0)
  }

  remove(): void {
    for (const name of [this.desktop, this.phone]) run('ip', 'netns', 'del', name)
    rmSync(this.#folder, { recursive: true, force: true })
  }

  get #ends(): readonly (readonly [string, string])[] {
    return [
      [this.desktop, 'vA'],
      [this.phone, 'vB'],
    ]
  }

  #configure(host: string, device: string, address: string, gateway: string): void {
    // One of IPv6 would wait for whoever else may have it.
    const atOnce = address.includes(':') ? ['nodad'] : []
    run('ip', '-n', host, 'addr', 'add', `${address}/${this.#cable.bits}`, 'dev', device, ...atOnce)
    run('ip', '-n', host, 'link', 'set', 'lo', 'up')
    run('ip', '-n', host, 'link', 'set', device, 'up')
    // Without a default route Chromium takes the host for offline.
    run('ip', '-n', host, 'route', 'add', 'default', 'via', gateway, 'dev', device, 'onlink')
  }

  #rules(host: string, text: string): void {
    // nft wants its statements on lines of their own.
    const input = text.replaceAll(/(?<=[{;}]) /g, '\n')
    execFileSync('ip', ['netns', 'exec', host, 'nft', '-f', '-'], { input })
  }
}

function run(command: string, ...args: string[]): void {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'inherit'] })
}
