/** Finds a hint for a failed RUN from its exit code, the last lines of its output and its root filesystem. */
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

/** Returns one sentence, or undefined if no hint applies. Never throws. */
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
    'a certificate is not trusted: add its certificate authority with `--ca FILE`',
  ],
];

async function codeHint(failure: Failure): Promise<string | undefined> {
  if (isRefusedByRuntime(failure)) return commandHint(failure);
  switch (failure.code) {
    case 126:
    case 127:
      return commandHint(failure);
    case 137:
      return 'the process was killed, perhaps because memory ran out';
    default:
      return undefined;
  }
}

/** crun and runc report another exit code than 127 if the kernel does not find an interpreter. */
function isRefusedByRuntime({ step, tail }: Failure): boolean {
  const [said = '', more] = tail;
  return more === undefined && /^(?:exec |\{"msg":"exec )/.test(said) && said.includes(step.args[0] ?? '');
}

/** Looks at the program that could not be started: usually it exists, but something that it needs is missing. */
async function commandHint({ step, code, tail, tree }: Failure): Promise<string> {
  const library = missingLibrary(tail);
  if (library !== undefined)
    return `the library \`${library}\` is not in the image: install the package that contains it`;
  const names = missingPrograms(tail, step.args[0] ?? '');
  for (const name of names) {
    const found = await describeProgram(tree, step, name);
    if (found !== undefined) return found;
  }
  return code === 127
    ? 'command not found: is it installed, and in PATH?'
    : 'permission denied: the file needs mode 0755 and a format that the kernel can execute';
}
