import { asPage } from './page-globals.ts'

/** The window's events, for tests of libraries that look for what a page has as they are loaded: to be imported first. */
export const page = asPage()
