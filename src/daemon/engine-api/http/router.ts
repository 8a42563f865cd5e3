import type { Exchange } from './exchange.ts';

export type Handler<D> = (exchange: Exchange, daemon: D) => Promise<void>;

// In a path such as `/images/**` + `/json` a `*` is one segment, `**` one or more. What they match are the parameters.
export type RouteTable<D> = Readonly<Record<string, Handler<D>>>;

interface Route<D> {
  readonly method: string;
  readonly pattern: readonly string[];
  readonly handler: Handler<D>;
}

export interface FoundRoute<D> {
  readonly handler: Handler<D>;
  readonly parameters: readonly string[];
}

export class Router<D> {
  readonly #routes: readonly Route<D>[];

  constructor(table: RouteTable<D>) {
    this.#routes = Object.entries(table).map(([key, handler]) => {
      const [method = '', path = ''] = key.split(' ');
      return { method, pattern: path.split('/').slice(1), handler };
    });
  }

  /** The first route that fits; undefined: there is none. */
  find(method: string, segments: readonly string[]): FoundRoute<D> | undefined {
    for (const { method: own, pattern, handler } of this.#routes) {
      const parameters = own === method ? matchPath(pattern, segments) : undefined;
      if (parameters !== undefined) return { handler, parameters };
    }
    return undefined;
  }
}

function matchPath(pattern: readonly string[], segments: readonly string[]): readonly string[] | undefined {
  const star = pattern.indexOf('**');
  if (star < 0) return segments.length === pattern.length ? matchSegments(pattern, segments) : undefined;
  const after = pattern.length - star - 1;
  if (segments.length < pattern.length) return undefined;
  const before = matchSegments(pattern.slice(0, star), segments.slice(0, star));
  const rest = matchSegments(pattern.slice(star + 1), segments.slice(segments.length - after));
  if (before === undefined || rest === undefined) return undefined;
  return [...before, segments.slice(star, segments.length - after).join('/'), ...rest];
}

function matchSegments(pattern: readonly string[], segments: readonly string[]): readonly string[] | undefined {
  const isFitting = pattern.every((each, index) => (each === '*' ? segments[index] !== '' : each === segments[index]));
  return isFitting ? segments.filter((_, index) => pattern[index] === '*') : undefined;
}
