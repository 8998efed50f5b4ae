import type { AddressChoice } from '#hub/address-choice.ts'

/** Types only: the window imports them too. */

/**
 * Why something is not known. `no-tool`: the system lacks what could tell. `no-rights`: it may not be read by this user.
 * `no-answer`: what was asked did not answer in time, or not in words that are known. `not-told`: this system tells nobody.
 * `not-yet`: the answer is still to come.
 */
export type Unknown = 'no-tool' | 'no-rights' | 'no-answer' | 'not-told' | 'not-yet'

/** What was measured, or why it was not. */
export type Known<T> = { readonly is: T } | { readonly unknown: Unknown }

export type FirewallProgram = 'windows' | 'mac' | 'ufw' | 'firewalld'

/**
 * What a firewall does with a phone that connects to the hub. `open`: there is none at work, or it lets phones in.
 * `none-found`: those that can be asked are off; there may be rules made by hand. `shut`: so it was read. `by-default`: it
 * shuts out what has no rule, and its rules could not be read.
 */
export type Firewall =
  | { readonly inbound: 'open' | 'none-found' }
  | {
      readonly inbound: 'shut'
      readonly program: FirewallProgram
      /** `public`: Windows takes the network for a public one. */
      readonly why: 'block-all' | 'block-rule' | 'public' | 'no-rule'
    }
  | { readonly inbound: 'by-default'; readonly program: FirewallProgram }

/** What the system knows of another device on the same cable or Wi-Fi (ARP). `old`: it answered a while ago; `asked`: just now. */
export interface Neighbour {
  readonly address: string
  readonly answers: 'yes' | 'old' | 'asked' | 'no'
}

/** Where packets for elsewhere leave this computer. */
export interface Route {
  readonly adapter: string
  readonly kind: AddressChoice['kind']
}

/** What the system tells; each probe asks one system for it. */
export interface SystemFacts {
  /** Null: there is no way to elsewhere. */
  readonly route: Known<Route | null>
  /** The router of the code's adapter; null: it has none. */
  readonly gateway: Known<string | null>
  readonly neighbours: Known<readonly Neighbour[]>
  readonly firewall: Known<Firewall>
  /** Networks by adapter, as people call them. */
  readonly names: Known<Readonly<Record<string, string>>>
}

/** An address of this computer, and how much is heard around it. */
export interface Place extends AddressChoice {
  /** Other devices whose mDNS packets came in. */
  readonly heard: number
  /** Others that answered to their hardware address (ARP), the router not among them. */
  readonly answering: number
  /** Of these, those that were not there at the start. */
  readonly newcomers: number
}

/** What others did at the hub since the code's address is what it is. Ages in ms; null = never. */
export interface Visits {
  /** Connections of other devices that were let in. */
  readonly knocks: number
  readonly knockAgo: number | null
  /** The phone's page was fetched. */
  readonly pageAgo: number | null
  /** A phone was connected. */
  readonly pairedAgo: number | null
  /** A connection from a network that is not near was refused, and where it came from. */
  readonly refusedAgo: number | null
  readonly refused: string
  /** A client was sent away, as too many waited to be let in. */
  readonly fullAgo: number | null
}

/** The system's clock was set: by so many ms (less than 0: back), so many ms ago. */
export interface ClockSet {
  readonly byMs: number
  readonly ago: number
}

/** All that this computer can see by itself, without the internet. */
export interface Evidence {
  readonly places: readonly Place[]
  readonly names: SystemFacts['names']
  /** A real adapter has an IPv6 address of its own making (link-local): it is plugged in, or has joined a Wi-Fi. */
  readonly hasLinkLocal: boolean
  /** What the code says; its address is null while there is no network. `isGiven`: on the command line. */
  readonly code: { readonly address: string | null; readonly port: number; readonly isGiven: boolean }
  /** ms since the address in the code became another one; null = it never did. */
  readonly redrawnAgo: number | null
  /** The window does not reach the hub, on this very computer. */
  readonly isStuck: boolean
  /** ms for which others were listened to. */
  readonly listened: number
  /** Devices on the same cable or Wi-Fi that were heard with an address of no network of this computer. */
  readonly foreign: number
  readonly visits: Visits
  /** Null: not since the program began. */
  readonly clockSet: ClockSet | null
  readonly phones: { readonly here: number; readonly connecting: number; readonly away: number }
  readonly route: SystemFacts['route']
  readonly gateway: Known<'answers' | 'silent' | 'none'>
  readonly firewall: Known<Firewall>
}

/** Root causes, each of which excludes all others, and `reached`, `open`: it is not the network. */
export type Cause =
  | 'stuck'
  | 'no-network'
  | 'link-local'
  | 'full'
  | 'reached'
  | 'stranger'
  | 'page-stopped'
  | 'open'
  | 'code-gone'
  | 'no-router'
  | 'firewall'
  | 'redrawn'
  | 'vpn-code'
  | 'virtual-code'
  | 'vpn-route'
  | 'other-adapter'
  | 'other-subnet'
  | 'only-ipv6'
  | 'unusual-range'
  | 'router-silent'
  | 'shut'
  | 'port-moved'
  | 'elsewhere'
  | 'alone'

/**
 * Why there is no verdict. `too-early`: others were not listened to for long enough. `firewall-unread`: others are heard, and
 * whether they may come in could not be read. `quiet`: others are there, but none announces itself. `unmeasured`: too little
 * could be asked.
 */
export type Undecided = 'too-early' | 'firewall-unread' | 'quiet' | 'unmeasured'

/** `sure`: measured. `likely`: what was measured has no better reading. */
export type Verdict =
  { readonly cause: Cause; readonly confidence: 'sure' | 'likely' } | { readonly cause: null; readonly why: Undecided }

/** What was seen, and what it means. */
export interface Examination {
  readonly evidence: Evidence
  readonly verdict: Verdict
}
