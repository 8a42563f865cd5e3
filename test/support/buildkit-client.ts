/** A client of BuildKit's protocol: it serves a folder, secrets and logins in a session, and leads builds as buildx does. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { createConnection, type Socket } from 'node:net';
import { join } from 'node:path';
import {
  SolveRequest,
  SolveResponse,
  StatusRequest,
  StatusResponse,
} from '../../src/daemon/buildkit/control/build-messages.ts';
import {
  FrontendRequest,
  FrontendResponse,
  ReturnRequest,
} from '../../src/daemon/buildkit/control/gateway-messages.ts';
import type { DefinitionValue } from '../../src/daemon/buildkit/frontend/results.ts';
import { GrpcClient } from '../../src/daemon/buildkit/grpc/client.ts';
import { GrpcServer } from '../../src/daemon/buildkit/grpc/server.ts';
import { duplex, type Method, unary } from '../../src/daemon/buildkit/grpc/service.ts';
import { createPacket, createStat, METHODS, PACKET, type Stat } from '../../src/daemon/buildkit/session/messages.ts';
import { MkimageError } from '../../src/errors.ts';

const CONTROL = '/moby.buildkit.v1.Control/';
const BRIDGE = '/moby.buildkit.v1.frontend.LLBBridge/';
const SOLVE = { path: `${CONTROL}Solve`, request: SolveRequest, response: SolveResponse };
const STATUS = { path: `${CONTROL}Status`, request: StatusRequest, response: StatusResponse };
const FRONTEND = { path: `${BRIDGE}Solve`, request: FrontendRequest, response: FrontendResponse };
const RETURN = { path: `${BRIDGE}Return`, request: ReturnRequest, response: SolveResponse };

export interface Served {
  /** Folders by the names that builds use: `context`, `dockerfile`. */
  readonly folders?: Readonly<Record<string, string>>;
  readonly secrets?: Readonly<Record<string, string>>;
  /** Never answers when it is asked for the context. */
  readonly hangs?: boolean;
  /** Entries that are sent instead of those of the folders. */
  readonly stats?: readonly Partial<Stat>[];
}

export interface BuildWishes {
  readonly options?: Readonly<Record<string, string>>;
  /** Results of earlier builds, by the names that options use. */
  readonly inputs?: Readonly<Record<string, DefinitionValue>>;
  readonly exporters?: readonly { readonly type: string; readonly attributes?: Readonly<Record<string, string>> }[];
  /** As buildctl: the daemon leads the build. */
  readonly isLedByDaemon?: boolean;
  readonly signal?: AbortSignal;
}

/** Owns two connections: one on which it asks, one on which it serves. */
export class BuildkitClient implements Disposable {
  readonly #grpc: GrpcClient;
  readonly #sockets: readonly Socket[];
  readonly #session: string;
  /** What was sent to the client as files, by the place of the exporter. */
  readonly received = new Map<string, Buffer>();
  /** Names that were asked of the client. */
  readonly asked: string[] = [];

  private constructor(asking: Socket, serving: Socket, session: string) {
    this.#sockets = [asking, serving];
    this.#grpc = new GrpcClient(asking);
    this.#session = session;
  }

  static async connect(path: string, served: Served): Promise<BuildkitClient> {
    const session = randomBytes(8).toString('hex');
    const methods = ['receiveFiles', 'sendBytes', 'secret'].map((name) => METHODS[name as keyof typeof METHODS].path);
    const lines = methods.map((method) => `X-Docker-Expose-Session-Grpc-Method: ${method}`);
    const asking = await upgrade(path, '/grpc', []);
    const serving = await upgrade(path, '/session', [`X-Docker-Expose-Session-Uuid: ${session}`, ...lines]);
    const client = new BuildkitClient(asking, serving, session);
    new GrpcServer(client.#serve(served)).accept(serving);
    return client;
  }

  /** Builds. Returns what the daemon says of the image, with its progress. Throws what the daemon reports. */
  async build({
    options = {},
    inputs = {},
    exporters = [],
    isLedByDaemon = false,
    signal = AbortSignal.timeout(60_000),
  }: BuildWishes) {
    const ref = randomBytes(8).toString('hex');
    const attributes = new Map(Object.entries(options));
    const metadata = { 'buildkit-controlapi-buildid': ref };
    const progress = this.#follow(ref, signal);
    const solving = this.#grpc.ask(
      SOLVE,
      {
        ref,
        session: this.#session,
        frontend: isLedByDaemon ? 'dockerfile.v0' : '',
        attributes,
        exporters: exporters.map(({ type, attributes = {} }) => ({
          type,
          attributes: new Map(Object.entries(attributes)),
        })),
      },
      { signal },
    );
    solving.catch(() => {});
    let answer: ReturnType<typeof FrontendResponse.decode> | undefined;
    if (!isLedByDaemon) {
      const request = {
        frontend: 'dockerfile.v0',
        options: attributes,
        inputs: new Map(Object.entries(inputs)),
        allowsResult: true,
      };
      answer = await this.#grpc.ask(FRONTEND, request, { signal, metadata });
      await this.#grpc.ask(RETURN, { result: answer.result }, { signal, metadata });
    }
    const { exporterResponse } = await solving;
    return { ref, exports: exporterResponse, reports: await progress, result: answer?.result };
  }

  /** The progress of a build, whenever it is asked for. */
  follow(ref: string, signal: AbortSignal): Promise<StatusResponse[]> {
    return this.#follow(ref, signal);
  }

  [Symbol.dispose](): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async #follow(ref: string, signal: AbortSignal): Promise<StatusResponse[]> {
    await using call = this.#grpc.open(STATUS, { signal });
    await call.send({ ref });
    call.finish();
    const reports: StatusResponse[] = [];
    try {
      for await (const report of call.messages) reports.push(report);
    } catch {
      // The build tells why.
    }
    return reports;
  }

  #serve(served: Served): Map<string, Method> {
    const { receiveFiles, sendBytes, secret } = METHODS;
    return new Map([
      [
        receiveFiles.path,
        duplex(receiveFiles.request, receiveFiles.response, async ({ headers, messages, send }) => {
          this.asked.push(`${headers['dir-name']} ${[headers.followpaths ?? 'all'].flat()}`);
          if (served.hangs === true && headers['dir-name'] === 'context') await once(this.#sockets[1]!, 'close');
          const { files, stats } = list(served, headers);
          for (const stat of stats) await send(createPacket({ type: PACKET.stat, stat }));
          await send(createPacket({ type: PACKET.stat }));
          for await (const { type, id } of messages) {
            if (type === PACKET.end) return send(createPacket({ type: PACKET.end }));
            await send(createPacket({ type: PACKET.data, id, data: readFileSync(files[id]!) }));
            await send(createPacket({ type: PACKET.data, id }));
          }
        }),
      ],
      [
        sendBytes.path,
        duplex(sendBytes.request, sendBytes.response, async ({ headers, messages }) => {
          const parts: Uint8Array[] = [];
          for await (const { data } of messages) parts.push(data);
          this.received.set(String(headers['buildkit-attachable-exporter-id']), Buffer.concat(parts));
        }),
      ],
      [
        secret.path,
        unary(secret.request, secret.response, async ({ id }) => {
          this.asked.push(`secret ${id}`);
          const value = served.secrets?.[id];
          if (value === undefined) throw new MkimageError('not-found', `secret ${id} not found`);
          return { data: Buffer.from(value) };
        }),
      ],
    ]);
  }
}

/** Excludes by whole names only: the daemon is what is tested. */
function list({ folders = {}, stats }: Served, headers: Readonly<Record<string, string | string[] | undefined>>) {
  if (stats !== undefined && headers['dir-name'] === 'context') return { files: [], stats: stats.map(createStat) };
  const root = folders[String(headers['dir-name'])] ?? '/nonexistent';
  const follow = headers.followpaths === undefined ? undefined : listOf(headers.followpaths);
  const exclude = listOf(headers['exclude-patterns'] ?? []);
  const paths = walk(root, '').filter((path) => (follow?.includes(path) ?? true) && !exclude.includes(path));
  return { files: paths.map((path) => join(root, path)), stats: paths.map((path) => describe(root, path)) };
}

/** Node joins headers that came many times. */
function listOf(values: string | readonly string[]): readonly string[] {
  return [values].flat().flatMap((each) => each.split(', '));
}

function walk(root: string, path: string): string[] {
  return readdirSync(join(root, path))
    .sort()
    .flatMap((name) => {
      const inner = path === '' ? name : `${path}/${name}`;
      return lstatSync(join(root, inner)).isDirectory() ? [inner, ...walk(root, inner)] : [inner];
    });
}

function describe(root: string, path: string): Stat {
  const stats = lstatSync(join(root, path), { bigint: true });
  const kind = stats.isDirectory() ? 2 ** 31 : stats.isSymbolicLink() ? 2 ** 27 : 0;
  return createStat({
    path,
    mode: kind + (Number(stats.mode) & 0o777),
    size: stats.isFile() ? Number(stats.size) : 0,
    modified: stats.mtimeNs,
    linkname: stats.isSymbolicLink() ? readlinkSync(join(root, path)) : '',
  });
}

/** Opens a connection and changes it to HTTP/2. */
function upgrade(path: string, url: string, headers: readonly string[]): Promise<Socket> {
  return new Promise((settle, fail) => {
    const socket = createConnection(path);
    socket.on('error', fail);
    const lines = [`POST ${url} HTTP/1.1`, 'Host: x', 'Connection: Upgrade', 'Upgrade: h2c', ...headers, '', ''];
    socket.write(lines.join('\r\n'));
    socket.once('data', (answer) => {
      socket.pause();
      const text = answer.toString('latin1');
      const end = text.indexOf('\r\n\r\n') + 4;
      if (!text.startsWith('HTTP/1.1 101')) return fail(new Error(text));
      if (end < answer.length) socket.unshift(answer.subarray(end));
      settle(socket);
    });
  });
}
