// What the page has no need of before it is let in, and what some browsers can't load: a script of its own.
export { openSocketLane } from '#peer/socket-lane.ts'
export { MessageBatcher } from '#transfer/message-batcher.ts'
