import { isMkimageError, MkimageError } from '../../../errors.ts';
import { createEngineCall } from '../../engine-call.ts';
import { EXIT_CODE } from '../../exit-code.ts';
import { openEngine } from '../../open-engine.ts';
import { askLine, askSecret, readPassword } from '../../prompt.ts';
import type { Terminal } from '../../terminal.ts';
import { defineVerb } from '../../verb.ts';

export const login = defineVerb({
  name: 'login',
  summary: 'check and save the credentials of a registry',
  operands: '[server]',
  completes: 'nothing',
  minOperands: 0,
  maxOperands: 1,
  flags: {
    username: { alias: 'u', type: 'string', describe: 'user name', completes: 'nothing' },
    password: { alias: 'p', type: 'string', describe: 'password; other users can see it', completes: 'nothing' },
    'password-stdin': { type: 'boolean', describe: 'read the password from standard input' },
    ca: { type: 'string', describe: 'PEM file with additional certificate authorities', completes: 'file' },
  },
  examples: [
    ['pass show registry | mkimage login -u ci --password-stdin registry.example.com', 'log in from a script'],
  ],
  async run({ flags, operands, terminal }) {
    const [server] = operands;
    checkFlags(flags);
    const { logIn } = await import('../../../engine/images/login.ts');
    await using services = await openEngine(terminal, flags.ca);
    const call = { ...createEngineCall(terminal), password: undefined };
    if (
      flags.username === undefined &&
      (await hasSavedLogin(() => logIn(services, { server, username: undefined }, call), terminal))
    )
      return EXIT_CODE.done;
    const username = flags.username ?? (await askLine('Username: ', terminal));
    const password = await findPassword(flags, terminal);
    const { stored } = await logIn(services, { server, username }, { ...call, password });
    if (stored?.kind === 'file') terminal.stderr.write(createPlainFileWarning(stored.path));
    terminal.stdout.write('Login Succeeded\n');
    return EXIT_CODE.done;
  },
});

interface PasswordFlags {
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly 'password-stdin': boolean;
}

function checkFlags({ username, password, 'password-stdin': fromStdin }: PasswordFlags): void {
  if (!fromStdin && password === undefined) return;
  if (username === undefined)
    throw new MkimageError('usage', 'a password needs a user name', { hint: 'add `--username`' });
  if (fromStdin && password !== undefined)
    throw new MkimageError('usage', '`--password` and `--password-stdin` exclude each other');
}

/** Checks the saved credentials, as Docker does. False: there are none, or they are refused, and the terminal can ask for others. */
async function hasSavedLogin(check: () => Promise<unknown>, terminal: Terminal): Promise<boolean> {
  try {
    await check();
    terminal.stdout.write('Authenticating with existing credentials...\nLogin Succeeded\n');
    return true;
  } catch (error) {
    const mayAsk =
      terminal.stdin().isTTY === true && (isMkimageError(error, 'not-found') || isMkimageError(error, 'registry'));
    if (!mayAsk) throw error;
    return false;
  }
}

function findPassword({ password, 'password-stdin': fromStdin }: PasswordFlags, terminal: Terminal): Promise<string> {
  if (fromStdin) return readPassword(terminal);
  if (password === undefined) return askSecret('Password: ', terminal);
  terminal.stderr.write('WARNING! Using --password via the CLI is insecure. Use --password-stdin.\n');
  return Promise.resolve(password);
}

function createPlainFileWarning(path: string): string {
  return `WARNING! Your credentials are stored unencrypted in \`${path}\`. A credential helper (\`credsStore\`) can encrypt them.\n`;
}
