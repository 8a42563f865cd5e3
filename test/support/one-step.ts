/** Runs one step in namespaces, on a root of its own below a directory, and prints what it says. Arguments: directory, program… */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { namespacesSandbox } from '../../src/sandbox/namespaces.ts';
import { makeBusyboxRoot } from './busybox-root.ts';
import { runStep, stepSpec } from './run-step.ts';

const [base = '', ...args] = process.argv.slice(2);
mkdirSync(base, { recursive: true });
const rootfs = { kind: 'directory', path: makeBusyboxRoot(join(base, 'root')) } as const;
const { stdout, stderr, code } = await runStep(namespacesSandbox(), stepSpec(base, rootfs, args));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = code;
