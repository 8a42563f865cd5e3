import type { MountRequest } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';

export interface WantedMount {
  readonly request: MountRequest;
  /** Options of `-v`, as written. */
  readonly mode: string;
}

/** Options of `-v` that change nothing here: there are no labels and no other mounts of the volume to coordinate. */
const IGNORED = ['z', 'Z', 'rw', 'ro', 'nocopy', 'cached', 'delegated', 'consistent', 'private', 'rprivate'];

/** Reads `source:target[:options]`, `name:target` or `target`. Throws `usage`. */
export function parseBind(text: string): WantedMount {
  const parts = text.split(':');
  if (parts.length > 3 || parts.some((part) => part === ''))
    throw new MkimageError('usage', `invalid volume specification: '${text}'`);
  const [first = '', second, mode = ''] = parts;
  const options = mode === '' ? [] : mode.split(',');
  const unknown = options.find((option) => !IGNORED.includes(option));
  if (unknown !== undefined) {
    const code = ['shared', 'rshared', 'slave', 'rslave'].includes(unknown) ? 'unsupported' : 'usage';
    throw new MkimageError(code, `invalid mode: ${mode}`, {
      hint: `option \`${unknown}\` of a volume is not supported`,
    });
  }
  const ReadOnly = options.includes('ro');
  if (second === undefined) return { request: { Type: 'volume', Target: first }, mode };
  if (first.startsWith('/')) {
    return {
      request: { Type: 'bind', Source: first, Target: second, ReadOnly, BindOptions: { CreateMountpoint: true } },
      mode,
    };
  }
  const VolumeOptions = { NoCopy: options.includes('nocopy') };
  return { request: { Type: 'volume', Source: first, Target: second, ReadOnly, VolumeOptions }, mode };
}
