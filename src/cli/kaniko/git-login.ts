/** kaniko's variables that log in at the server of a git context: GIT_TOKEN, or GIT_USERNAME with GIT_PASSWORD. */
import type { Terminal } from '../terminal.ts';

export interface GitLogin {
  /** Values of `--secret`. */
  readonly secrets: readonly string[];
  /** The environment with the variable that a secret names. */
  readonly env: Terminal['env'];
}

/** The secrets are for the host of the context only, so that sources of the build file on other hosts do not get them. */
export function findGitLogin(context: string, env: Terminal['env']): GitLogin {
  const host = URL.canParse(context) ? new URL(context).host : '';
  const { GIT_TOKEN: token = '', GIT_USERNAME: user = '', GIT_PASSWORD: password = '' } = env;
  if (host === '' || !/\.git(?:[?#]|$)/.test(context)) return { secrets: [], env };
  if (token !== '') return { secrets: [`id=GIT_AUTH_TOKEN.${host},env=GIT_TOKEN`], env };
  if (user === '' || password === '') return { secrets: [], env };
  const header = `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
  return { secrets: [`id=GIT_AUTH_HEADER.${host},env=${VARIABLE}`], env: { ...env, [VARIABLE]: header } };
}

const VARIABLE = 'GIT_AUTH_HEADER';
