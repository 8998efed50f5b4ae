import { execFile } from 'node:child_process'
import { chmod, cp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Started } from './started.ts'

const runFile = promisify(execFile)

/** ms for a system to be fetched and unpacked, or a package with all that it needs. */
const LIMIT_MS = 20 * 60_000
/** Bytes that a tool may write. */
const OUTPUT_BYTES = 64 * 1_048_576

/** What a program in there sees: it and its children alone, and gone with them. `$0` is the root. */
const MOUNTS = 'mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev";'

/** Started by nobody but apt: no service is to run in there. */
const NO_SERVICES = '#!/bin/sh\nexit 101\n'

/**
 * A Debian of its own in a folder, with nothing on it but what apt needs, and one person. It is that of this machine, from where
 * this machine has its packages, and shares only the network with it.
 */
export class FreshSystem {
  /** Where its files are, seen from outside. */
  readonly root: string

  private constructor(root: string) {
    this.root = root
  }

  /** Makes one in `folder`. Needs root and debootstrap. */
  static async make(folder: string): Promise<FreshSystem> {
    const system = new FreshSystem(join(folder, 'system'))
    const { root } = system
    const [, release = ''] = /^VERSION_CODENAME=(\S+)$/m.exec(await readFile('/etc/os-release', 'utf8')) ?? []
    const { stdout } = await runFile('apt-get', ['indextargets', '--format', '$(CODENAME) $(SITE)'])
    const site = stdout.split('\n').find((line) => line.startsWith(`${release} `))?.split(' ')[1] // prettier-ignore
    if (site === undefined) throw new Error(`this machine has no packages of ${release}`)
    await tool('debootstrap', ['--variant=minbase', release, root, site])
    await rm(join(root, 'etc/apt/sources.list'), { force: true })
    for (const name of ['apt.conf.d', 'sources.list.d', 'sources.list'])
      await cp(join('/etc/apt', name), join(root, 'etc/apt', name), { recursive: true, force: true }).catch(ifThere)
    await cp('/usr/share/keyrings', join(root, 'usr/share/keyrings'), { recursive: true })
    for (const name of ['resolv.conf', 'hosts']) await cp(join('/etc', name), join(root, 'etc', name))
    await writeFile(join(root, 'usr/sbin/policy-rc.d'), NO_SERVICES)
    await chmod(join(root, 'usr/sbin/policy-rc.d'), 0o755)
    await system.run('useradd -m person && apt-get update')
    return system
  }

  /** Puts a file into the person's home. */
  async give(path: string, name: string): Promise<void> {
    await cp(path, join(this.root, 'home/person', name))
    await this.run(`chown person: '/home/person/${name}'`)
  }

  /** Runs a script of the shell as root. Rejects with what it wrote where it fails. */
  async run(script: string): Promise<string> {
    return tool('unshare', ['-m', 'sh', '-ec', `${MOUNTS} exec chroot "$0" sh -ec "$1"`, this.root, script])
  }

  /** Starts a command line as the person, as a session of theirs would. It is the process itself that is started. */
  start(line: string): Started {
    const as =
      'exec chroot --userspec=person:person "$0" env -i HOME=/home/person USER=person PATH=/usr/bin:/bin LANG=C.UTF-8'
    return new Started('unshare', ['-m', 'sh', '-ec', `${MOUNTS} ${as} sh -ec "cd; exec $1"`, this.root, line])
  }

  async remove(): Promise<void> {
    await rm(this.root, { recursive: true, force: true })
  }
}

async function tool(program: string, args: readonly string[]): Promise<string> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C.UTF-8' }
  const { stdout } = await runFile(program, [...args], { timeout: LIMIT_MS, maxBuffer: OUTPUT_BYTES, env })
  return stdout
}

function ifThere(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error
}
