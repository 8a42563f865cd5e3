import type { HostSettings } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parseSize } from '../../notation/index.ts';

export interface LogOptions {
  readonly type: 'json-file' | 'none';
  readonly maxSize: number | undefined;
  readonly maxFiles: number;
}

/** Options without effect on what is written here. */
const IGNORED = ['mode', 'max-buffer-size', 'tag', 'labels', 'labels-regex', 'env', 'env-regex'];

/** Reads `--log-driver` and `--log-opt`. Throws `usage` for an unknown option, `unsupported` for another driver. */
export function readLogOptions(config: HostSettings['LogConfig']): LogOptions {
  const type = config?.Type === undefined || config.Type === '' || config.Type === 'local' ? 'json-file' : config.Type;
  if (type !== 'json-file' && type !== 'none') {
    throw new MkimageError('unsupported', `use log driver \`${type}\`: only json-file and none are supported`);
  }
  const { 'max-size': size, 'max-file': files, compress, ...others } = config?.Config ?? {};
  const unknown = Object.keys(others).find((name) => !IGNORED.includes(name));
  if (unknown !== undefined) throw new MkimageError('usage', `unknown log opt '${unknown}' for ${type} log driver`);
  if (compress === 'true')
    throw new MkimageError('unsupported', 'use log option `compress`: rotated logs are not compressed');
  return { type, maxSize: readMaxSize(size), maxFiles: readMaxFiles(files, size) };
}

function readMaxSize(text: string | undefined): number | undefined {
  if (text === undefined || text === '-1') return undefined;
  const bytes = parseSize(text);
  if (bytes === undefined || bytes <= 0)
    throw new MkimageError('usage', `read log option max-size: invalid size \`${text}\``);
  return bytes;
}

function readMaxFiles(text: string | undefined, size: string | undefined): number {
  if (text === undefined) return 1;
  if (!/^[1-9]\d*$/.test(text)) throw new MkimageError('usage', `read log option max-file: invalid number \`${text}\``);
  if (size === undefined && text !== '1') throw new MkimageError('usage', 'log option max-file requires max-size');
  return Number(text);
}
