/** An address of this computer that may stand in a pairing link. Types only: the window imports them too. */
export interface AddressChoice {
  /** IPv4 or IPv6 literal, without brackets. */
  readonly address: string
  /** The system's name of the adapter, such as `eth0` or `Wi-Fi`. */
  readonly adapter: string
  readonly kind: 'real' | 'vpn' | 'virtual'
}
