import type { Disk, DiskFile, Info } from '../disk.ts'

interface FileNode {
  readonly kind: 'file'
  readonly ino: number
  /** Never changed in place: another array takes its place. */
  bytes: Uint8Array
  /** As it was at the last fsync. */
  durable: Uint8Array
  /** What was done to it since, oldest first. */
  since: ((bytes: Uint8Array) => Uint8Array)[]
  mtimeMs: number
  mode: number
}
interface LinkNode {
  readonly kind: 'link'
  readonly ino: number
  readonly target: string
}
interface FolderNode {
  readonly kind: 'folder'
  readonly ino: number
  names: Map<string, Node>
  durable: Map<string, Node>
  since: ((names: Map<string, Node>) => void)[]
}
type Node = FileNode | FolderNode | LinkNode

export type Call = keyof Disk | `file.${keyof DiskFile}`

/** What goes wrong: the n-th call (1 = the next one) of this kind, or of any, with this code; once, or from then on. */
export interface Fault {
  readonly nth: number
  readonly code: string
  readonly call?: Call
  readonly always?: boolean
}

/**
 * A disk in memory that does what disks do at their worst: it fails a call that the test chooses, and after a crash it
 * has lost what was not fsynced, names of a folder that was not fsynced included. POSIX rules, absolute paths.
 */
export class FaultDisk implements Disk {
  patient = false
  /** Bytes that are free; null = it does not say. A write that needs more is ENOSPC. */
  room: number | null = null
  /** Hard links are not supported (FAT). */
  linkless = false
  /** The largest file it can hold. */
  fileMax = Infinity
  /** What becomes of a time that is set. */
  keepsTime = (ms: number): number => ms
  /** Bytes of a name. */
  nameMax = 255
  /** A write takes at most so many bytes. */
  writeMax = Infinity
  readonly marked: string[] = []
  /** All calls so far. */
  readonly calls: string[] = []
  /** By number: folders of other file systems. */
  readonly #devs = new Map<number, number>()
  #faults: { fault: Fault; left: number }[] = []
  /** The power goes at this call: it and all after it do nothing. */
  #diesAt = Infinity
  #inodes = 1
  #time = 1_000
  #generation = 0
  readonly #root: FolderNode = this.#newFolder()

  constructor(folders: readonly string[]) {
    for (const folder of folders) this.#makeAll(folder)
    this.settle()
  }

  fail(fault: Fault): void {
    this.#faults.push({ fault, left: fault.nth })
  }

  /** Nothing goes wrong any more. The power, once gone, is only back after `crash`. */
  heal(): void {
    this.#faults = []
    if (!this.isDead) this.#diesAt = Infinity
  }

  dieAt(call: number): void {
    this.#diesAt = this.calls.length + call
  }

  get isDead(): boolean {
    return this.calls.length >= this.#diesAt
  }

  /** The program that used it is dead: what it had begun goes no further, and its open files are closed. */
  kill(): void {
    this.#generation++
  }

  /** The disk for one run of the program. */
  forRun(): Disk {
    const generation = this.#generation
    return new Proxy<Disk>(this, {
      get: (_, name: keyof Disk) => {
        const call: unknown = Reflect.get(this, name)
        if (typeof call !== 'function') return call
        return (...args: unknown[]): unknown =>
          generation === this.#generation ? Reflect.apply(call, this, args) : Promise.reject(errno('EIO'))
      },
    })
  }

  /** All that is there now is durable. */
  settle(): void {
    this.#each((node) => {
      if (node.kind === 'file') {
        node.durable = node.bytes
        node.since = []
      } else {
        node.durable = new Map(node.names)
        node.since = []
      }
    })
  }

  /**
   * The power was away. Without `luck` all that was not fsynced is lost; with it, of what was done to each file and
   * folder since, the first few things are there: `luck(n)` of n.
   */
  crash(luck: (n: number) => number = () => 0): void {
    this.#generation++
    this.#diesAt = Infinity
    this.#faults = []
    this.#each((node) => {
      const done = luck(node.since.length)
      if (node.kind === 'file') {
        node.bytes = node.since.slice(0, done).reduce((bytes, change) => change(bytes), node.durable)
      } else {
        node.names = new Map(node.durable)
        for (const change of node.since.slice(0, done)) change(node.names)
      }
    })
    this.settle()
  }

  // What a person, or another program, does beside us.

  put(path: string, bytes: Uint8Array | string): void {
    const node = this.#newFile()
    node.bytes = typeof bytes === 'string' ? Buffer.from(bytes) : bytes.slice()
    node.durable = node.bytes.slice()
    this.#set(path, node)
  }

  edit(path: string, change: (bytes: Uint8Array) => Uint8Array): void {
    const node = this.#file(path)
    node.bytes = change(node.bytes.slice())
    node.durable = node.bytes.slice()
    node.mtimeMs = ++this.#time
  }

  symlink(target: string, path: string): void {
    this.#set(path, { kind: 'link', ino: this.#inodes++, target })
  }

  folder(path: string): void {
    this.#makeAll(path)
    this.settle()
  }

  /** The folder is on a file system of its own. */
  mounted(path: string, dev: number): void {
    this.#devs.set(this.#at(path).ino, dev)
  }

  take(path: string): void {
    this.#change(path, (names, name) => names.delete(name))
    this.settle()
  }

  move(from: string, to: string): void {
    const node = this.#at(from)
    this.take(from)
    this.#set(to, node)
  }

  bytes(path: string): Uint8Array {
    return this.#file(path).bytes
  }

  text(path: string): string {
    return Buffer.from(this.bytes(path)).toString()
  }

  time(path: string): number {
    return this.#file(path).mtimeMs
  }

  mode(path: string): number {
    return this.#file(path).mode
  }

  /** Everything below, as paths relative to it, folders with a slash at the end. */
  tree(path: string): string[] {
    const out: string[] = []
    const walk = (node: Node, at: string): void => {
      if (node.kind !== 'folder') return
      for (const [name, child] of node.names) {
        out.push(`${at}${name}${child.kind === 'folder' ? '/' : ''}`)
        walk(child, `${at}${name}/`)
      }
    }
    walk(this.#at(path), '')
    return out.sort()
  }

  // The disk.

  async create(path: string): Promise<DiskFile> {
    await this.#called('create')
    if (this.#look(path, false) !== null) throw errno('EEXIST')
    const node = this.#newFile()
    this.#change(path, (names, name) => names.set(name, node))
    return this.#open(node)
  }

  async reopen(path: string): Promise<DiskFile> {
    await this.#called('reopen')
    if (this.#at(path, false).kind === 'link') throw errno('ELOOP')
    return this.#open(this.#file(path))
  }

  async append(path: string): Promise<DiskFile> {
    await this.#called('append')
    if (this.#look(path) === null) {
      const node = this.#newFile()
      this.#change(path, (names, name) => names.set(name, node))
    }
    return this.#open(this.#file(path))
  }

  async readText(path: string): Promise<string> {
    await this.#called('readText')
    return this.text(path)
  }

  async stat(path: string): Promise<Info> {
    await this.#called('stat')
    return this.#infoOf(this.#at(path))
  }

  async lstat(path: string): Promise<Info> {
    await this.#called('lstat')
    return this.#infoOf(this.#at(path, false))
  }

  async link(from: string, to: string): Promise<void> {
    await this.#called('link')
    if (this.linkless) throw errno('EPERM')
    const node = this.#at(from, false)
    if (this.#look(to, false) !== null) throw errno('EEXIST')
    this.#change(to, (names, name) => names.set(name, node))
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#called('rename')
    const node = this.#at(from, false)
    const [folder, old] = this.#parent(from)
    const [target, name] = this.#parent(to)
    if (folder !== target) throw errno('EXDEV')
    const change = (names: Map<string, Node>): void => {
      names.delete(old)
      names.set(name, node)
    }
    change(folder.names)
    folder.since.push(change)
  }

  async unlink(path: string): Promise<void> {
    await this.#called('unlink')
    if (this.#at(path, false).kind === 'folder') throw errno('EISDIR')
    this.#change(path, (names, name) => names.delete(name))
  }

  async mkdir(path: string): Promise<void> {
    await this.#called('mkdir')
    if (this.#look(path, false) !== null) throw errno('EEXIST')
    const node = this.#newFolder()
    this.#change(path, (names, name) => names.set(name, node))
  }

  async mkdirs(path: string): Promise<void> {
    await this.#called('mkdirs')
    this.#makeAll(path)
  }

  async readdir(path: string): Promise<string[]> {
    await this.#called('readdir')
    return [...this.#folder(path).names.keys()]
  }

  async syncFolder(path: string): Promise<void> {
    await this.#called('syncFolder')
    const folder = this.#folder(path)
    folder.durable = new Map(folder.names)
    folder.since = []
  }

  async free(): Promise<number | null> {
    await this.#called('free')
    return this.room
  }

  async mark(paths: readonly string[]): Promise<void> {
    await this.#called('mark')
    this.marked.push(...paths)
  }

  #open(node: FileNode): DiskFile {
    const generation = this.#generation
    let open = true
    const called = async (call: keyof DiskFile): Promise<void> => {
      await this.#called(`file.${call}`)
      if (!open || generation !== this.#generation) throw errno('EBADF')
    }
    return {
      write: async (bytes, position) => {
        await called('write')
        return this.#write(node, bytes.slice(0, this.writeMax), position ?? node.bytes.length)
      },
      read: async (into, position) => {
        await called('read')
        const some = node.bytes.subarray(position, position + into.byteLength)
        into.set(some)
        return some.byteLength
      },
      truncate: async (size) => {
        await called('truncate')
        if (size > this.fileMax) throw errno('EFBIG')
        this.#alter(node, (bytes) => resized(bytes, size))
      },
      sync: async () => {
        await called('sync')
        node.durable = node.bytes
        node.since = []
      },
      stat: async () => {
        await called('stat')
        return this.#infoOf(node)
      },
      chmod: async (mode) => {
        await called('chmod')
        node.mode = mode
      },
      setTime: async (mtimeMs) => {
        await called('setTime')
        node.mtimeMs = this.keepsTime(mtimeMs)
      },
      close: async () => {
        await called('close')
        open = false
      },
    }
  }

  #write(node: FileNode, bytes: Uint8Array, position: number): number {
    const grows = Math.max(0, position + bytes.byteLength - node.bytes.length)
    if (position + bytes.byteLength > this.fileMax) throw errno('EFBIG')
    if (this.room !== null) {
      if (grows > this.room) throw errno('ENOSPC')
      this.room -= grows
    }
    const copy = bytes.slice()
    this.#alter(node, (all) => {
      const size = Math.max(all.length, position + copy.byteLength)
      const out = size === all.length ? all.slice() : resized(all, size)
      out.set(copy, position)
      return out
    })
    return copy.byteLength
  }

  #alter(node: FileNode, change: (bytes: Uint8Array) => Uint8Array): void {
    node.bytes = change(node.bytes)
    node.since.push(change)
    node.mtimeMs = ++this.#time
  }

  #infoOf(node: Node): Info {
    const [size, mtimeMs] = node.kind === 'file' ? [node.bytes.length, node.mtimeMs] : [0, 0]
    return { kind: node.kind, size, mtimeMs, ino: node.ino, dev: this.#devs.get(node.ino) ?? 1 }
  }

  async #called(call: Call): Promise<void> {
    await Promise.resolve()
    if (!this.isDead) this.calls.push(call)
    if (this.#diesAt <= this.calls.length) throw errno('EIO')
    for (const one of this.#faults) {
      if (one.fault.call !== undefined && one.fault.call !== call) continue
      one.left--
      if (one.left === 0 || (one.left < 0 && one.fault.always === true)) throw errno(one.fault.code)
    }
  }

  #newFile(): FileNode {
    const none = new Uint8Array(0)
    return {
      kind: 'file',
      ino: this.#inodes++,
      bytes: none,
      durable: none,
      since: [],
      mtimeMs: ++this.#time,
      mode: 0o600,
    }
  }

  #newFolder(): FolderNode {
    return { kind: 'folder', ino: this.#inodes++, names: new Map(), durable: new Map(), since: [] }
  }

  #each(visit: (node: FileNode | FolderNode) => void): void {
    const seen = new Set<Node>()
    const walk = (node: Node): void => {
      if (node.kind === 'link' || seen.has(node)) return
      seen.add(node)
      const below = node.kind === 'folder' ? [...node.names.values(), ...node.durable.values()] : []
      for (const child of below) walk(child)
      visit(node)
    }
    walk(this.#root)
  }

  #makeAll(path: string): void {
    let folder = this.#root
    for (const name of parts(path)) {
      let next = folder.names.get(name)
      if (next === undefined) {
        const made = this.#newFolder()
        next = made
        folder.names.set(name, made)
        folder.since.push((names) => names.set(name, made))
      }
      if (next.kind === 'link') next = this.#at(next.target)
      if (next.kind !== 'folder') throw errno('ENOTDIR')
      folder = next
    }
  }

  #set(path: string, node: Node): void {
    this.#change(path, (names, name) => names.set(name, node))
    this.settle()
  }

  #change(path: string, change: (names: Map<string, Node>, name: string) => unknown): void {
    const [folder, name] = this.#parent(path)
    change(folder.names, name)
    folder.since.push((names) => {
      change(names, name)
    })
  }

  #parent(path: string): [FolderNode, string] {
    const all = parts(path)
    const name = all.pop() ?? ''
    return [this.#folder(`/${all.join('/')}`), name]
  }

  #folder(path: string): FolderNode {
    const node = this.#at(path)
    if (node.kind !== 'folder') throw errno('ENOTDIR')
    return node
  }

  #file(path: string): FileNode {
    const node = this.#at(path)
    if (node.kind !== 'file') throw errno(node.kind === 'folder' ? 'EISDIR' : 'ELOOP')
    return node
  }

  #at(path: string, follow = true): Node {
    const node = this.#look(path, follow)
    if (node === null) throw errno('ENOENT')
    return node
  }

  #look(path: string, follow = true): Node | null {
    let node: Node = this.#root
    const names = parts(path)
    for (const [i, name] of names.entries()) {
      if (Buffer.byteLength(name) > this.nameMax) throw errno('ENAMETOOLONG')
      if (node.kind !== 'folder') throw errno('ENOTDIR')
      let next: Node | undefined = node.names.get(name)
      if (next === undefined) {
        if (i < names.length - 1) throw errno('ENOENT')
        return null
      }
      if (next.kind === 'link' && (follow || i < names.length - 1)) next = this.#look(next.target) ?? undefined
      if (next === undefined) return null
      node = next
    }
    return node
  }
}

const parts = (path: string): string[] => path.split('/').filter((name) => name !== '')

function resized(bytes: Uint8Array, size: number): Uint8Array {
  if (size === bytes.length) return bytes
  if (size < bytes.length) return bytes.slice(0, size)
  const out = new Uint8Array(size)
  out.set(bytes)
  return out
}

const errno = (code: string): Error => Object.assign(new Error(code), { code })
