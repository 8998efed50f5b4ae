interface Port {
  onmessage: (() => void) | null
  postMessage(message: null): void
  /** Node's alone. */
  unref?(): void
}

let waiting: (() => void)[] = []
const { port1, port2 } = new MessageChannel() as unknown as { readonly port1: Port; readonly port2: Port }
port1.onmessage = () => {
  const acts = waiting
  waiting = []
  for (const act of acts) act()
}
// Node's keep a program running that has nothing else to do.
port1.unref?.()

/**
 * Calls back after what the event loop has at hand. Not by a timer: browsers slow those of a page in the background down to
 * one a second, and let none follow another within 4 ms.
 */
export function soonest(act: () => void): void {
  if (waiting.push(act) === 1) port2.postMessage(null)
}
