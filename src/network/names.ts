/** The name server of networks of users: aardvark-dns, driven by files. It answers on the gateways, for their networks only. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MkimageError } from '../errors.ts';
import { sendSignal } from '../host/index.ts';
import { type Attachment, type NetworkRecord, namesIn, readBoot } from './records.ts';
import { findNameServer } from './tools.ts';

const SIGHUP = 1;
const SIGTERM = 15;
const PAUSE_MS = 10;
const PATIENCE_MS = 5000;
const PREFIX = 'names-';

/** A file for each network with a name server. Pure. */
export function formatNames(
  networks: readonly NetworkRecord[],
  attachments: readonly Attachment[],
): ReadonlyMap<string, string> {
  return new Map(
    networks.flatMap(({ id, name }) => {
      const members = attachments.flatMap((attachment) =>
        attachment.endpoints.flatMap((endpoint) =>
          endpoint.networkId === id && endpoint.nameServer !== undefined ? [{ attachment, endpoint }] : [],
        ),
      );
      if (members.length === 0) return [];
      const lines = members.map(({ attachment, endpoint }) => {
        const names = [...new Set([attachment.name, ...endpoint.aliases])].join(',');
        const servers = attachment.dns.length > 0 ? ` ${attachment.dns.join(',')}` : '';
        return `${attachment.container} ${endpoint.address}  ${names}${servers}`;
      });
      return [[name, `${members[0]!.endpoint.nameServer}\n${lines.join('\n')}\n`] as const];
    }),
  );
}

/** Writes the files and tells the server, which is started if there is something to serve, and ended if not. */
export async function serveNames(folder: string, files: ReadonlyMap<string, string>): Promise<void> {
  const mine = join(folder, `${PREFIX}${readBoot()}`);
  for (const name of namesIn(folder)) {
    if (name.startsWith(PREFIX) && join(folder, name) !== mine)
      rmSync(join(folder, name), { recursive: true, force: true });
  }
  if (!writeFiles(mine, files)) return;
  const pid = findServer(mine);
  if (files.size === 0) return pid === undefined ? undefined : endServer(pid, mine);
  if (pid !== undefined) return void sendSignal(pid, SIGHUP);
  await startServer(mine);
}

/** Returns false if nothing has changed. */
function writeFiles(folder: string, files: ReadonlyMap<string, string>): boolean {
  const stale = namesIn(folder).filter((name) => name !== PID_FILE && !files.has(name));
  const changed = [...files].filter(([name, text]) => readText(join(folder, name)) !== text);
  if (changed.length > 0) mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const name of stale) rmSync(join(folder, name), { force: true });
  for (const [name, text] of changed) writeFileSync(join(folder, name), text, { mode: 0o600 });
  return stale.length > 0 || changed.length > 0 || (files.size > 0 && findServer(folder) === undefined);
}

const PID_FILE = 'aardvark.pid';

/** The number may have been given to another process since. */
function findServer(folder: string): number | undefined {
  const pid = Number(readText(join(folder, PID_FILE)));
  if (!(pid > 1)) return undefined;
  return readText(`/proc/${pid}/cmdline`)?.split('\0').includes(folder) === true ? pid : undefined;
}

async function startServer(folder: string): Promise<void> {
  const program = findNameServer();
  if (program === undefined) throw missingNameServer();
  rmSync(join(folder, PID_FILE), { force: true });
  const child = spawn(program, ['--config', folder, '-p', '53', 'run'], {
    stdio: 'ignore',
    detached: true,
    cwd: '/',
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin' },
  });
  const failed = new Promise<never>((_, reject) => child.once('error', reject));
  failed.catch(() => {});
  child.unref();
  for (let waited = 0; findServer(folder) === undefined; waited += PAUSE_MS) {
    if (waited >= PATIENCE_MS) throw new MkimageError('sandbox', `start the name server \`${program}\`: it has ended`);
    await Promise.race([failed, sleep(PAUSE_MS)]);
  }
}

/** Waits for its end, so that the next one does not find this one. */
async function endServer(pid: number, folder: string): Promise<void> {
  sendSignal(pid, SIGTERM);
  for (let waited = 0; findServer(folder) === pid && waited < PATIENCE_MS; waited += PAUSE_MS) await sleep(PAUSE_MS);
  rmSync(folder, { recursive: true, force: true });
}

export function missingNameServer(): MkimageError {
  return new MkimageError('unsupported', 'create network: the name server `aardvark-dns` is missing', {
    hint: 'install it (Debian: aardvark-dns), or use the network `bridge`, which has no names',
  });
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
