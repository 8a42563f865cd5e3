/** The program and the options by which git reaches servers by ssh. */

/** What logs in: an agent, or keys in files. */
export type GitSsh =
  | { readonly kind: 'agent'; readonly socket: string }
  | { readonly kind: 'keys'; readonly paths: readonly string[] };

export interface HostKeys {
  /** Files of known host keys. */
  readonly files: readonly string[];
  /** False: any host key is accepted. */
  readonly isStrict: boolean;
}

/**
 * Only the given agent or keys are used: no configuration and no keys of the user, because a build file could reach servers with them.
 * git gives the command to a shell.
 */
export function createSshCommand(ssh: GitSsh | undefined, { files, isStrict }: HostKeys): string {
  const known = files.length === 0 || !isStrict ? '/dev/null' : files.map(quoteForSsh).join(' ');
  const options = [
    'BatchMode=yes',
    `StrictHostKeyChecking=${isStrict ? 'yes' : 'no'}`,
    `UserKnownHostsFile=${known}`,
    'GlobalKnownHostsFile=/dev/null',
    ...(ssh?.kind === 'keys' ? ['IdentitiesOnly=yes', 'IdentityAgent=none'] : ['IdentityFile=none']),
    ...(ssh === undefined ? ['IdentityAgent=none'] : []),
  ];
  const keys = ssh?.kind === 'keys' ? ssh.paths.flatMap((path) => ['-i', path]) : [];
  const words = ['-F', '/dev/null', ...options.flatMap((option) => ['-o', option]), ...keys];
  return `ssh ${words.map(quoteForShell).join(' ')}`;
}

function quoteForShell(word: string): string {
  return /^[\w./=-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** ssh reads a list of files, separated by spaces, with `%` for its own names. */
function quoteForSsh(path: string): string {
  return `"${path.replaceAll('%', '%%')}"`;
}
