import { DEVICES, NODES } from '../confinement.ts';
import { mountOn } from './mount-lines.ts';
import type { Line } from './table.ts';

const AT_FDCWD = -100;
const S_IFCHR = 0o020000;
const EVERYBODY = 0o666;
const O_CREAT = 0o100;
const O_RDWR = 2;
const O_CLOEXEC = 0o2000000;
const EPERM = 1;
/** One more null device, which is not in `/dev`. */
const INPUT = 'stdin';

/**
 * Creates device nodes for the step only, so that a change of their owner or mode has no effect outside. If the kernel does not permit
 * this (in a user namespace), binds the host's nodes, whose owner and mode cannot be changed there. `descriptor` is the lowest free one.
 */
export function makeNodes(descriptor: number): readonly Line[] {
  const options = ['nosuid', 'noexec', 'mode=0755', 'size=64k'];
  return [
    { name: 'umask', args: [0], doing: 'set umask' },
    ...mountOn(NODES, { type: 'tmpfs', source: 'tmpfs', options }),
    ...Object.entries({ ...DEVICES, [INPUT]: DEVICES.null }).flatMap(([name, { major, minor }]): readonly Line[] => {
      const path = `${NODES}/${name}`;
      const doing = `make \`/dev/${name}\``;
      const [stand, done] = [Symbol('stand in'), Symbol('done')];
      return [
        {
          name: 'mknodat',
          args: [AT_FDCWD, path, S_IFCHR | EVERYBODY, (major << 8) | minor],
          doing,
          tolerate: [EPERM],
          onTolerated: stand,
          onExpected: done,
        },
        { label: stand },
        { name: 'openat', args: [AT_FDCWD, path, O_CREAT | O_RDWR | O_CLOEXEC, EVERYBODY], doing },
        { name: 'close', args: [descriptor], doing },
        ...mountOn(path, {
          type: 'bind',
          source: `/dev/${name === INPUT ? 'null' : name}`,
          options: ['bind', 'nosuid', 'noexec'],
        }),
        { label: done },
      ];
    }),
  ];
}

/** Opens the step's own null device as standard input, because a runtime changes the owner of its standard input. */
export function readNothing(descriptor: number): readonly Line[] {
  const doing = 'open standard input';
  return [
    { name: 'openat', args: [AT_FDCWD, `${NODES}/${INPUT}`, O_RDWR | O_CLOEXEC], doing },
    { name: 'dup3', args: [descriptor, 0, 0], doing },
    { name: 'close', args: [descriptor], doing },
  ];
}

/** Opens an empty pipe as standard input: for crun, because with a null device it changes the owner of the container's `/dev/null`. */
export function readEmptyPipe(descriptor: number): readonly Line[] {
  const doing = 'make standard input';
  return [
    { name: 'pipe2', args: [{ words: [0] }, 0], doing },
    { name: 'close', args: [descriptor + 1], doing },
    { name: 'dup3', args: [descriptor, 0, 0], doing },
    { name: 'close', args: [descriptor], doing },
  ];
}
