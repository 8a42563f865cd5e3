import type { MountRequest } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseBool, parseSize } from '../../notation/index.ts';
import { readPairs } from '../csv.ts';

/** Reads `--mount type=bind,source=/a,target=/b,readonly`. Throws `usage`, `unsupported`. */
export function readContainerMount(text: string): MountRequest {
  const draft: Draft = { type: 'volume', source: '', target: '', isReadonly: false, volume: {}, bind: {}, tmpfs: {} };
  for (const [key, value] of readPairs(text)) readMember(draft, { key: key.toLowerCase(), value }, text);
  if (draft.target === '')
    throw new MkimageError('usage', `invalid argument "${text}" for "--mount" flag: target is required`);
  if (draft.type === 'bind' && draft.source === '')
    throw new MkimageError('usage', `invalid argument "${text}" for "--mount" flag: source is required`);
  return {
    Type: draft.type,
    Source: draft.source,
    Target: draft.target,
    ReadOnly: draft.isReadonly,
    ...(draft.type === 'volume' && { VolumeOptions: draft.volume }),
    ...(draft.type === 'bind' && { BindOptions: draft.bind }),
    ...(draft.type === 'tmpfs' && { TmpfsOptions: draft.tmpfs }),
  };
}

interface Draft {
  type: MountRequest['Type'];
  source: string;
  target: string;
  isReadonly: boolean;
  volume: { NoCopy?: boolean; Labels?: Record<string, string> };
  bind: { CreateMountpoint?: boolean };
  tmpfs: { SizeBytes?: number; Mode?: number };
}

function readMember(
  draft: Draft,
  { key, value }: { readonly key: string; readonly value: string | undefined },
  whole: string,
): void {
  const isTrue = value === undefined || parseBool(value) === true;
  switch (key) {
    case 'type':
      draft.type = readType(value, whole);
      return;
    case 'source':
    case 'src':
      draft.source = value ?? '';
      return;
    case 'target':
    case 'dst':
    case 'destination':
      draft.target = value ?? '';
      return;
    case 'readonly':
    case 'ro':
      draft.isReadonly = isTrue;
      return;
    case 'consistency':
      return;
    case 'bind-propagation':
      if (value === 'rprivate' || value === 'private') return;
      throw new MkimageError('unsupported', `mount \`${whole}\`: only private propagation is supported`);
    default:
      if (readOption(draft, { key, value }, whole)) return;
      fail(whole, `unexpected key '${key}' in '${key}=${value ?? ''}'`);
  }
}

/** Options of one type. Returns false for an unknown key. */
function readOption(
  draft: Draft,
  { key, value }: { readonly key: string; readonly value: string | undefined },
  whole: string,
): boolean {
  const isTrue = value === undefined || parseBool(value) === true;
  switch (key) {
    case 'volume-nocopy':
      draft.volume.NoCopy = isTrue;
      return true;
    case 'volume-label':
      draft.volume.Labels = { ...draft.volume.Labels, ...readLabel(value ?? '') };
      return true;
    case 'bind-create-mountpoint':
      draft.bind.CreateMountpoint = isTrue;
      return true;
    case 'tmpfs-size':
      draft.tmpfs.SizeBytes = parseSize(value ?? '') ?? fail(whole, `invalid value for ${key}: ${value}`);
      return true;
    case 'tmpfs-mode':
      draft.tmpfs.Mode = /^[0-7]+$/.test(value ?? '')
        ? Number.parseInt(value ?? '', 8)
        : fail(whole, `invalid value for ${key}: ${value}`);
      return true;
    default:
      return false;
  }
}

function readType(value: string | undefined, whole: string): MountRequest['Type'] {
  if (value === 'bind' || value === 'volume' || value === 'tmpfs') return value;
  return fail(whole, `mount type \`${value}\` is not supported`);
}

function readLabel(text: string): Record<string, string> {
  const equals = text.indexOf('=');
  return equals < 0 ? { [text]: '' } : { [text.slice(0, equals)]: text.slice(equals + 1) };
}

function fail(whole: string, why: string): never {
  throw new MkimageError('usage', `invalid argument "${whole}" for "--mount" flag: ${why}`);
}
