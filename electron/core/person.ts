import type { LegacyRequest } from '#hub/legacy-approval.ts'

/** What a person is asked outside of the window. Names are foreign text. */
export type Question =
  | { readonly about: 'app'; readonly request: LegacyRequest }
  | { readonly about: 'file'; readonly from: string; readonly name: string; readonly size: number }

/**
 * Who answers: whoever sits before the window, whoever sits at the terminal, or nobody, as under a service manager.
 * `gone` is aborted when the answer is not wanted any more.
 */
export type Responder = 'window' | 'nobody' | ((question: Question, gone: AbortSignal) => Promise<boolean>)
