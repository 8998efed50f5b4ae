import { setFlagsFromString } from 'node:v8'

/**
 * How much WebAssembly may run before V8 compiles it anew, by its optimising compiler. V8 counts each jump back by its length
 * in bytes, and SQLite's parser and interpreter are loops of up to 160 kB: of the 13 million that V8 allows, a hundred rows
 * are too many. Compiling them took 0.7 s of the processor at each start, two fifths of all that the start took. With this
 * the interpreter is compiled after some three thousand rows, such as those of a first search, which takes twice as long.
 */
export const TIERING_BUDGET = 1_000_000_000

// Read when a module of WebAssembly is made, so this has to run before the one that makes SQLite's.
setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`)
