/** TCP with certificates in both directions. */
import type { AddressInfo } from 'node:net';
import { connect } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { openListener } from '../../../../src/daemon/engine-api/listen/listener.ts';
import { withNeeds } from '../../../support/needs.ts';
import { throwawayCertificate } from '../../../support/throwaway-certificate.ts';

const test = suite('daemon: listener');
const withOpenssl = withNeeds(test, { programs: ['openssl'] });

withOpenssl('only clients with a certificate of the authority get in', async () => {
  const own = throwawayCertificate(['127.0.0.1']);
  const foreign = throwawayCertificate(['127.0.0.1']);
  const server = await openListener({
    address: { kind: 'tcp', host: '127.0.0.1', port: 0 },
    tls: { ca: own.cert, ...own },
    group: undefined,
    accept: (socket) => socket.on('error', () => {}).end('welcome'),
  });
  const { port } = server.address() as AddressInfo;
  try {
    assert.is(await readFrom({ port, ca: own.cert, ...own }), 'welcome');
    assert.is(await readFrom({ port, ca: own.cert, ...foreign }), '');
    assert.is(await readFrom({ port, ca: own.cert }), '');
  } finally {
    server.close();
  }
});

test.run();

/** What a server sends before it hangs up. */
function readFrom(options: {
  readonly port: number;
  readonly ca: string;
  readonly key?: string;
  readonly cert?: string;
}): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ host: '127.0.0.1', ...options });
    socket.setTimeout(5000, () => socket.destroy());
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', () => {}).on('close', () => resolve(text));
    socket.on('end', () => socket.end());
  });
}
