// What the page has no need of before it is let in, as a script of its own: the sealed socket, and words that leave together.
export { openSocketLane } from '#peer/socket-lane.ts'
export { MessageBatcher } from '#transfer/message-batcher.ts'
