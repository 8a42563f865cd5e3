/** BuildKit's protocol on the connections of the daemon. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Services } from '../../engine/services.ts';
import { ClassicBuilds, type ClassicCall, type ClassicRequest } from './classic/classic-builds.ts';
import { ClientBuilds } from './control/client-builds.ts';
import { createControlMethods } from './control/control-methods.ts';
import { createGatewayMethods } from './control/gateway-methods.ts';
import { Results } from './frontend/results.ts';
import { GrpcServer } from './grpc/server.ts';
import { readSessionHeaders, Session, type SessionHeaders } from './session/session.ts';
import { Sessions } from './session/sessions.ts';

const SWITCHING = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n';
const REFUSAL = '{"message":"open session: the request has no header X-Docker-Expose-Session-Uuid"}\n';

function refuse(connection: Socket): void {
  connection.end(
    `HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${REFUSAL.length}\r\n\r\n${REFUSAL}`,
  );
}

/** Owns the sessions and builds of BuildKit's clients. Builds of a client that goes away are cancelled. */
export class BuildkitServer implements Disposable {
  readonly #sessions = new Sessions();
  readonly #server: GrpcServer;
  readonly #classic: ClassicBuilds;

  constructor(services: Services) {
    const means = { services, sessions: this.#sessions, builds: new ClientBuilds(), results: new Results() };
    const methods = new Map([...createControlMethods(means), ...createGatewayMethods(means)]);
    this.#classic = new ClassicBuilds(means);
    this.#server = new GrpcServer(methods, services.config.log);
  }

  /** Takes over a connection that begins with the preface of HTTP/2. */
  accept(connection: Duplex): void {
    this.#server.accept(connection);
  }

  /**
   * Takes over the connection of `POST /grpc` or `POST /session` with `Upgrade: h2c`, whose bytes so far are `head`. In a
   * session the client serves, and we ask. Never throws: what is wrong is answered.
   */
  upgrade({ url = '', headers }: Pick<IncomingMessage, 'url' | 'headers'>, connection: Socket, head: Buffer): void {
    const path = url.split('?', 1)[0]!;
    const session = path.endsWith('/session') ? readSessionHeaders(headers) : undefined;
    if (session === undefined && !path.endsWith('/grpc')) {
      refuse(connection);
      return;
    }
    connection.setTimeout(0);
    connection.write(SWITCHING);
    if (head.length > 0) connection.unshift(head);
    if (session === undefined) this.accept(connection);
    else this.#attach(session, connection);
  }

  /**
   * `POST /build?version=2`: sends the lines of the answer, whose status is 200. Its head must not be sent before the first line or
   * the end: a request that only carries a context is ended by its client as soon as the answer begins. Throws `usage` for a query that cannot be
   * read, before the first line.
   */
  async buildClassic(request: ClassicRequest, call: ClassicCall): Promise<void> {
    await this.#classic.build(request, call);
  }

  /** `POST /build/cancel?id=`: does nothing if there is no such build. */
  cancelClassic(id: string): void {
    this.#classic.cancel(id);
  }

  /** A second session with the ID of another is closed. */
  #attach(session: SessionHeaders, connection: Socket): void {
    connection.on('error', () => connection.destroy());
    if (this.#sessions.has(session.id)) connection.destroy();
    else this.#sessions.add(new Session(session, connection));
  }

  [Symbol.dispose](): void {
    this.#server[Symbol.dispose]();
    this.#sessions[Symbol.dispose]();
  }
}
