/** What may help whose RUN has failed: its exit code, the last words of its output, and what lies in its root filesystem. */
import type { FileTree } from '../../../content/index.ts';
import type { RunStep } from '../../../plan/index.ts';
import { missingLibrary, missingPrograms } from './complaint.ts';
import { describeProgram } from './program-file.ts';

export interface Failure {
  readonly step: RunStep;
  readonly code: number;
  /** The last lines of output. */
  readonly tail: readonly string[];
  /** The root filesystem as it was before the step. */
  readonly tree: FileTree;
}

/** One sentence, or nothing if there is nothing to say. Never throws. */
export async function failureHint(failure: Failure): Promise<string | undefined> {
  try {
    return (
      ENDINGS.find(([pattern]) => failure.tail.some((line) => pattern.test(line)))?.[1] ?? (await codeHint(failure))
    );
  } catch {
    return undefined;
  }
}

const ENDINGS: readonly (readonly [RegExp, string])[] = [
  [
    /argument list too long/i,
    'the kernel takes 128 KiB for one argument and some MiB for all with the environment: use xargs or `find -exec … {} +`, or put a long script into a file',
  ],
  [
    /certificate verify failed|unable to get local issuer|SSL certificate problem|x509: certificate signed by unknown authority|PKIX path building failed|server certificate verification failed|self[- ]signed certificate|SELF_SIGNED_CERT|UNABLE_TO_GET_ISSUER|UNABLE_TO_VERIFY_LEAF|certificate verification failed|certificate\b.{0,200}\bnot trusted|certificate.* doesn't have a known issuer/i,
    'a certificate is not trusted: `--ca FILE` gives steps a further certificate authority',
  ],
];

async function codeHint(failure: Failure): Promise<string | undefined> {
  if (isRefusedByRuntime(failure)) return commandHint(failure);
  switch (failure.code) {
    case 126:
    case 127:
      return commandHint(failure);
    case 137:
      return 'it was killed, perhaps because memory ran out';
    default:
      return undefined;
  }
}

/** crun and runc have gone too far to say 127 when the kernel does not find an interpreter. */
function isRefusedByRuntime({ step, tail }: Failure): boolean {
  const [said = '', more] = tail;
  return more === undefined && /^(?:exec |\{"msg":"exec )/.test(said) && said.includes(step.args[0] ?? '');
}

/** Looks at the program that could not be started: mostly it is there, and something that it needs is not. */
async function commandHint({ step, code, tail, tree }: Failure): Promise<string> {
  const library = missingLibrary(tail);
  if (library !== undefined) return `the library \`${library}\` is not in the image: install the package that has it`;
  const names = missingPrograms(tail, step.args[0] ?? '');
  for (const name of names) {
    const found = await describeProgram(tree, step, name);
    if (found !== undefined) return found;
  }
  return code === 127
    ? 'a command was not found: is it installed, and in PATH?'
    : 'it may not be executed: a file needs mode 0755 and a format that the kernel knows';
}
