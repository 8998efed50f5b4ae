/** As much of a data channel as what is built on it uses; what is sent leaves at once. */
export class FakeChannel extends EventTarget {
  readyState = 'open'
  bufferedAmount = 0
  bufferedAmountLowThreshold = 0
  readonly sent: (string | Uint8Array)[] = []

  get asChannel(): RTCDataChannel {
    return this as unknown as RTCDataChannel
  }

  send(data: string | Uint8Array): void {
    this.sent.push(typeof data === 'string' ? data : data.slice())
  }

  deliver(data: string | ArrayBuffer): void {
    this.dispatchEvent(new MessageEvent('message', { data }))
  }

  close(): void {
    this.readyState = 'closed'
  }
}
