import { openSocketLane } from '#peer/socket-lane.ts'

declare global {
  interface Window {
    openSocketLane: typeof openSocketLane
  }
}
// For what a test or a bench runs in this page.
window.openSocketLane = openSocketLane
