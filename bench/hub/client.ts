import type { WebSocket } from 'ws'

/** One end of a pair at a signaling server, speaking its wire protocol and nothing more: the driver must not be the limit. */
export interface End {
  /** What comes from the other end. */
  heard: () => void
  /** Says one message of the wanted size to the other end. */
  say(): void
  /** Shows the server that somebody is there, where clients must do that by themselves. */
  beat(): void
  close(): Promise<void>
}

/** A signaling server as the bench sees it. */
export interface Meeting {
  readonly name: string
  /** Of the server's own process. */
  readonly pid: number
  /** Two new clients, from nothing until both are let in and each has heard that the other is there. */
  pair(): Promise<readonly [End, End]>
}

/** Characters of a message on its way to the server: a candidate or a short description. */
export const MESSAGE_CHARS = 600

/** Fills up with `x` what `make` makes of it, to the size of one message. */
export function padded(make: (fill: string) => string): string {
  return make('x'.repeat(MESSAGE_CHARS - make('').length))
}

export async function opened(socket: WebSocket): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    socket.once('open', resolve)
    socket.once('error', reject)
  })
}

/** Cut off, so that thousands of closing handshakes do not run into what is measured next. */
export async function cut(socket: WebSocket): Promise<void> {
  const closed = new Promise<void>((resolve) => socket.once('close', resolve))
  socket.terminate()
  await closed
}
