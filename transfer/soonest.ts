interface Port {
  onmessage: (() => void) | null
  postMessage(message: null): void
  /** Node's alone. */
  unref?(): void
}

const waiting: (() => void)[] = []
let port: Port | null = null

/**
 * Calls back after what the event loop has at hand. Not by a timer: browsers slow those of a page in the background down to
 * one a second, and let none follow another within 4 ms.
 */
export function soonest(act: () => void): void {
  waiting.push(act)
  if (waiting.length === 1) (port ??= open()).postMessage(null)
}

function open(): Port {
  const { port1, port2 } = new MessageChannel() as unknown as { readonly port1: Port; readonly port2: Port }
  port1.onmessage = () => {
    for (const act of waiting.splice(0)) act()
  }
  // Node's keep a program running that has nothing else to do.
  port1.unref?.()
  return port2
}
