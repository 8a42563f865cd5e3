import { connect, type Socket } from 'node:net';
import { MkimageError } from '../../../errors.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import type { Terminal } from '../../terminal.ts';
import { defineVerb } from '../../verb.ts';
import { findDefaultHost } from './default-host.ts';

export const dialStdio = defineVerb({
  name: 'system dial-stdio',
  summary: 'connect standard input and output with the daemon, for connections through ssh',
  operands: '',
  minOperands: 0,
  maxOperands: 0,
  flags: {
    host: { alias: 'H', type: 'string', describe: 'address of the daemon (default: the socket of this user)' },
  },
  async run({ flags, terminal }) {
    const { parseAddress } = await import('../../../daemon/engine-api/index.ts');
    const address = parseAddress(flags.host ?? findDefaultHost(terminal.env));
    if (address.kind === 'fd')
      throw new MkimageError('usage', 'connect with the daemon: it has no address of a socket');
    const place = address.kind === 'unix' ? { path: address.path } : { host: address.host, port: address.port };
    await connectStreams(connect({ ...place, allowHalfOpen: true }), terminal);
    return EXIT_CODE.done;
  },
});

/** Each direction ends by itself. Resolves when the daemon sends no more. */
function connectStreams(socket: Socket, terminal: Terminal): Promise<void> {
  return new Promise((resolve, reject) => {
    const input = terminal.stdin();
    const output = terminal.archiveOutput();
    const finish = () => {
      input.destroy();
      socket.destroy();
      resolve();
    };
    socket.once('error', (cause) => {
      input.destroy();
      reject(new MkimageError('network', `connect with the daemon: ${cause.message}`, { cause }));
    });
    output.once('error', finish);
    terminal.signal.addEventListener('abort', finish, { once: true });
    input.pipe(socket);
    socket.pipe(output, { end: false });
    socket.once('end', () => output.write('', finish));
  });
}
