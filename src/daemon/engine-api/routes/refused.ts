import { HttpFailure } from '../http/failure.ts';
import type { Handler, RouteTable } from '../http/router.ts';
import type { Daemon } from '../shared.ts';

/** Refuses what this daemon does not have yet. */
const refuse =
  (what: string): Handler<Daemon> =>
  async () => {
    throw new HttpFailure(501, `${what} is not supported by this daemon`);
  };

const NO_SWARM: Handler<Daemon> = async () => {
  throw new HttpFailure(503, 'This node is not a swarm manager. This daemon has no swarm mode.');
};

const SWARM = ['swarm', 'services', 'nodes', 'tasks', 'secrets', 'configs'];
const METHODS = ['GET', 'POST', 'DELETE'];

const SWARM_ROUTES = Object.fromEntries(
  SWARM.flatMap((word) =>
    METHODS.flatMap((method) => [
      [`${method} /${word}`, NO_SWARM],
      [`${method} /${word}/**`, NO_SWARM],
    ]),
  ),
);

export const REFUSED_ROUTES: RouteTable<Daemon> = {
  'GET /plugins': async (exchange) => exchange.sendJson(200, []),
  'GET /containers/*/attach/ws': refuse('attach over a web socket'),
  'GET /images/search': refuse('search'),
  ...SWARM_ROUTES,
};
