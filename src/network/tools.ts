import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { MkimageError } from '../errors.ts';
import { findHostProgram, isInUserNamespace, isRoot } from '../host/index.ts';

/** Debian, and other systems. */
const PLACES = ['/usr/lib/podman/aardvark-dns', '/usr/libexec/podman/aardvark-dns'];
const CAP_NET_ADMIN = 12;
const TIMEOUT_MS = 30_000;

/** Runs a program of the host with a text as input. Throws `sandbox` with its message. */
export function runTool(doing: string, argv: readonly [string, ...string[]], input = ''): Promise<string> {
  const [name, ...args] = argv;
  const program = name.startsWith('/') ? name : findHostProgram(name);
  if (program === undefined)
    return Promise.reject(new MkimageError('sandbox', `${doing}: \`${name}\` is not installed`));
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      args,
      { timeout: TIMEOUT_MS, env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' } },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const said = stderr.trim().split('\n')[0] || error.message;
        reject(new MkimageError('sandbox', `${doing}: ${name}: ${said}`, { cause: error }));
      },
    );
    child.stdin?.on('error', () => {}); // the program has ended, and its exit status says why
    child.stdin?.end(input);
  });
}

/** Says what this machine lacks for networks of containers; undefined if nothing is known to be missing. */
export function findMissing(): string | undefined {
  if (!isRoot() || isInUserNamespace()) return 'networks need root';
  if (!hasNetworkCapability()) return 'networks need the capability NET_ADMIN';
  const packages = { ip: 'iproute2', nft: 'nftables', nsenter: 'util-linux' } as const;
  for (const [program, from] of Object.entries(packages)) {
    if (findHostProgram(program) === undefined) return `the program \`${program}\` is missing (Debian: ${from})`;
  }
  return undefined;
}

/** proc_pid_status(5). */
function hasNetworkCapability(): boolean {
  const line = readFileSync('/proc/self/status', 'utf8')
    .split('\n')
    .find((each) => each.startsWith('CapEff:'));
  return line !== undefined && ((BigInt(`0x${line.slice(7).trim()}`) >> BigInt(CAP_NET_ADMIN)) & 1n) === 1n;
}

/** The name server for networks of users; undefined if it is not installed. */
export function findNameServer(): string | undefined {
  return PLACES.find((path) => existsSync(path));
}
