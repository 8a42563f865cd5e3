import type { PlanRequest } from '../request.ts';
import type { Scope } from '../words/scope.ts';

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];

/** Proxies given as build arguments, in both spellings; what the stage itself sets comes first. */
export function proxyEnvironment(buildArgs: PlanRequest['buildArgs'], scope: Scope): readonly string[] {
  return PROXIES.flatMap((name) => {
    // Lower case last: it wins, as in BuildKit.
    const given = Object.keys(buildArgs)
      .filter((key) => key.toUpperCase() === name)
      .sort()
      .at(-1);
    const value = given === undefined ? '' : buildArgs[given]!;
    const names = value === '' ? [] : [name, name.toLowerCase()].filter((spelling) => !scope.has(spelling));
    return names.map((spelling) => `${spelling}=${value}`);
  });
}
