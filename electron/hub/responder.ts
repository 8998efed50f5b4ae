import { Bonjour, type ServiceConfig } from 'bonjour-service'

/** The part of bonjour-service that is used, so that tests can stand in for a network. */
export interface Responder {
  publish(config: ServiceConfig): { stop(done: () => void): void }
  destroy(done: () => void): void
}
export type MakeResponder = (onError: (error: unknown) => void) => Responder

interface WithEmitter {
  readonly server: { readonly mdns: { on(event: 'error' | 'warning', listener: (error: unknown) => void): void } }
}

/** Hears the errors of bonjour-service's own sockets: unheard, an `error` of theirs would end the process. */
export function respondBy(bonjour: Bonjour, onError: (error: unknown) => void): Responder {
  const { mdns } = (bonjour as unknown as WithEmitter).server
  mdns.on('error', onError)
  mdns.on('warning', onError)
  return {
    publish: (config) => {
      const service = bonjour.publish(config)
      return { stop: (done) => void Reflect.apply(service.stop, service, [done]) }
    },
    destroy: (done) => {
      bonjour.destroy(done)
    },
  }
}

/** The real network. Without the callback bonjour-service would throw what fails while it answers. */
export const makeBonjour: MakeResponder = (onError) => respondBy(new Bonjour({}, onError), onError)
