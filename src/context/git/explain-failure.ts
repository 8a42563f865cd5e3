const HINTS: readonly (readonly [RegExp, string])[] = [
  [/certificate|SSL/, 'if its certificate is not trusted, add its authority with `--ca FILE`'],
  [
    /Host key verification failed/,
    'compare the key of the host and add it to `~/.ssh/known_hosts`, or set MKIMAGE_SSH_HOST_KEYS=accept',
  ],
  [/Permission denied \(|Too many authentication failures/, 'give an agent or a key with `--ssh default`'],
  [
    /could not read (Username|Password)|Authentication failed|returned error: 40[13]/,
    'a private repository needs a token: `--secret id=GIT_AUTH_TOKEN.HOST`',
  ],
];

/** What to do about a failure of git, from its message. */
export function explainGitFailure(words: string): string | undefined {
  return HINTS.find(([pattern]) => pattern.test(words))?.[1];
}
