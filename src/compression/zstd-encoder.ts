import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { libraryVersion } from '../host/index.ts';
import type { MemberEncoder } from './member-encoder.ts';

/** What Node has from 22.15 on; the types of Node 20 do not know it. */
interface ZlibWithZstd {
  readonly zstdCompress?: (
    bytes: Uint8Array,
    options: object,
    done: (error: Error | null, out: Buffer) => void,
  ) => void;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
}

/** An encoder that makes one zstd frame of each member. Equal bytes only from equal encoders: the name says which it is. */
export async function zstdEncoder(level: number): Promise<{ readonly name: string; readonly encode: MemberEncoder }> {
  const { zstdCompress, constants } = zlib as unknown as ZlibWithZstd;
  if (zstdCompress === undefined) return wasmEncoder(level);
  const compress = promisify(zstdCompress);
  const options = { params: { [constants.ZSTD_c_compressionLevel]: level } };
  const version = libraryVersion('zstd') ?? libraryVersion('node');
  return { name: `zstd-${version}`, encode: (member) => compress(member, options) };
}

type WasmModule = typeof import('@bokuweb/zstd-wasm');

/** Starting the module a second time breaks the first: it is started once in a process. */
let started: Promise<WasmModule> | undefined;

async function wasmEncoder(level: number): Promise<{ readonly name: string; readonly encode: MemberEncoder }> {
  started ??= startWasm();
  const { compress } = await started;
  return { name: 'zstd-wasm-0.0.27', encode: async (member) => compress(member, level) };
}

async function startWasm(): Promise<WasmModule> {
  const loaded = (await import('@bokuweb/zstd-wasm')) as WasmModule & { readonly default?: WasmModule };
  // A bundle has only a default export of a CommonJS module, other loaders have only the named ones.
  const module = loaded.default ?? loaded;
  await module.init();
  return module;
}
