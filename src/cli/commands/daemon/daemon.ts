import { readFileSync } from 'node:fs';
import { MkimageError } from '../../../errors.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { toPrintable } from '../../text/printable.ts';
import { defineVerb } from '../../verb.ts';
import { VERSION } from '../../version.ts';
import { findDefaultHost } from './default-host.ts';

export const daemon = defineVerb({
  name: 'daemon',
  summary: "serve Docker's clients: the Engine API on a socket",
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    host: {
      alias: 'H',
      type: 'string',
      array: true,
      describe: 'listen on unix://<path>, tcp://<address>:<port> or fd:// (default: a socket for this user)',
    },
    group: {
      alias: 'G',
      type: 'string',
      describe: 'group whose members may use Unix sockets (default: the group of this user)',
    },
    tlsverify: { type: 'boolean', describe: 'accept only TCP clients with a certificate' },
    tlscacert: { type: 'string', describe: 'PEM file with the authorities of clients', completes: 'file' },
    tlscert: { type: 'string', describe: 'PEM file with the certificate of the daemon', completes: 'file' },
    tlskey: { type: 'string', describe: 'PEM file with the key of the daemon', completes: 'file' },
    ca: { type: 'string', describe: 'PEM file with additional certificate authorities', completes: 'file' },
  },
  examples: [
    ['mkimage daemon -H unix:///run/mkimage.sock', 'serve `docker -H unix:///run/mkimage.sock …`'],
    ['mkimage daemon -H tcp://127.0.0.1:2375', 'serve clients on this machine over TCP'],
  ],
  async run({ flags, terminal }) {
    const { parseAddress, runDaemon } = await import('../../../daemon/engine-api/index.ts');
    const hosts = flags.host.length === 0 ? [findDefaultHost(terminal.env)] : flags.host;
    const addresses = hosts.map(parseAddress);
    const tls = readTls(flags);
    await using opened = await openEngine(terminal, flags.ca);
    // This process monitors the containers itself.
    const { supervisor: _, ...config } = opened.config;
    const services = { ...opened, config };
    const say = (line: object) =>
      void terminal.stderr.write(`${JSON.stringify({ time: new Date(terminal.now()).toISOString(), ...line })}\n`);
    await runDaemon({
      services,
      version: VERSION,
      addresses,
      tls,
      group: findGroup(flags.group),
      signal: terminal.signal,
      reportFault: (error, request) =>
        say({ level: 'error', message: describeFault(error), request: toPrintable(request) }),
      tellReady: () => say({ level: 'info', message: 'ready', hosts }),
    });
    return EXIT_CODE.done;
  },
});

interface TlsFlags {
  readonly tlsverify: boolean;
  readonly tlscacert: string | undefined;
  readonly tlscert: string | undefined;
  readonly tlskey: string | undefined;
}

function readTls({ tlsverify, tlscacert, tlscert, tlskey }: TlsFlags) {
  if (!tlsverify && tlscacert === undefined && tlscert === undefined && tlskey === undefined) return undefined;
  if (tlscacert === undefined || tlscert === undefined || tlskey === undefined) {
    throw new MkimageError('usage', 'read TLS flags: `--tlscacert`, `--tlscert` and `--tlskey` belong together');
  }
  return { ca: readPem(tlscacert), cert: readPem(tlscert), key: readPem(tlskey) };
}

function readPem(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new MkimageError('usage', `read \`${path}\`: ${(cause as Error).message}`, { cause });
  }
}

/** Reads the number of a group from /etc/group. */
function findGroup(wanted: string | undefined): number | undefined {
  if (wanted === undefined || /^\d{1,9}$/.test(wanted)) return wanted === undefined ? undefined : Number(wanted);
  const lines = readFileSync('/etc/group', 'utf8').split('\n');
  const found = lines.map((line) => line.split(':')).find(([name]) => name === wanted);
  if (found !== undefined) return Number(found[2]);
  throw new MkimageError('usage', `find group \`${wanted}\`: there is no such group`);
}

function describeFault(error: unknown): string {
  return toPrintable(error instanceof Error ? (error.stack ?? error.message) : String(error));
}
