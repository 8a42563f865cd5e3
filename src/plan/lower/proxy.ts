import type { PlanRequest } from '../request.ts';
import type { Scope } from '../words/scope.ts';

const PROXIES = ['HTTP_PROXY', 'HTTPS_PROXY', 'FTP_PROXY', 'NO_PROXY', 'ALL_PROXY'];

/** Proxy variables from build arguments, in upper and lower case. Variables that the stage sets have precedence. */
export function createProxyEnvironment(buildArgs: PlanRequest['buildArgs'], scope: Scope): readonly string[] {
  return PROXIES.flatMap((name) => {
    // Lower case sorts last and has precedence, as in BuildKit.
    const given = Object.keys(buildArgs)
      .filter((key) => key.toUpperCase() === name)
      .sort()
      .at(-1);
    const value = given === undefined ? '' : buildArgs[given]!;
    const names = value === '' ? [] : [name, name.toLowerCase()].filter((spelling) => !scope.has(spelling));
    return names.map((spelling) => `${spelling}=${value}`);
  });
}
