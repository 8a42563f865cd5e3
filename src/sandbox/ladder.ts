/** The ladder of isolations: what each one protects and needs, for `mkimage info` and for error messages. */
import type { SelectOptions } from './select.ts';
import { BACKENDS, BEST_FIRST, type IsolationName, LAST, probeOnce } from './select.ts';

export interface Rung {
  readonly name: IsolationName;
  readonly usable: boolean;
  /** The reason why it does not work, or what was found. */
  readonly detail: string;
  readonly protects: string;
  readonly needs: string;
}

const AS_DOCKER =
  'own namespaces, fourteen capabilities, the seccomp profile of Docker, masked and read-only kernel files, no device nodes';

const TEXTS: Readonly<Record<IsolationName, Pick<Rung, 'protects' | 'needs'>>> = {
  crun: { protects: AS_DOCKER, needs: 'root; `apt-get install crun`' },
  runc: { protects: AS_DOCKER, needs: 'root; `apt-get install runc`' },
  namespaces: {
    protects: AS_DOCKER,
    needs: 'root, and namespaces that the kernel and a container around mkimage allow',
  },
  chroot: {
    protects:
      'the files around mkimage from mistakes of a step; the seccomp profile of Docker; not the processes and the network around it, and not from a malicious step',
    needs: 'an x86-64 processor, ptrace, and `user.` attributes on the file system of the store',
  },
};

/** Tests every isolation, the best first. Results of earlier tests are used if nothing has changed since. */
export async function probeLadder({ directory, devices }: Omit<SelectOptions, 'wanted'>): Promise<readonly Rung[]> {
  const rungs: Rung[] = [];
  for (const name of [...BEST_FIRST, LAST]) {
    const { usable, detail } = await probeOnce(BACKENDS[name](devices), directory);
    rungs.push({ name, usable, detail, ...TEXTS[name] });
  }
  return rungs;
}
