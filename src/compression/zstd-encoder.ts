import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { readLibraryVersion } from '../host/index.ts';
import type { MemberEncoder } from './member-encoder.ts';

/** Exists since Node 22.15, but not in the types of Node 20. */
interface ZlibWithZstd {
  readonly zstdCompress?: (
    bytes: Uint8Array,
    options: object,
    done: (error: Error | null, out: Buffer) => void,
  ) => void;
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
}

/** Creates an encoder that makes one zstd frame of each member. Its name identifies it, because other encoders give other bytes. */
export async function createZstdEncoder(
  level: number,
): Promise<{ readonly name: string; readonly encode: MemberEncoder }> {
  const { zstdCompress, constants } = zlib as unknown as ZlibWithZstd;
  if (zstdCompress === undefined) return createWasmEncoder(level);
  const compress = promisify(zstdCompress);
  const options = { params: { [constants.ZSTD_c_compressionLevel]: level } };
  const version = readLibraryVersion('zstd') ?? readLibraryVersion('node');
  return { name: `zstd-${version}`, encode: (member) => compress(member, options) };
}

type WasmModule = typeof import('@bokuweb/zstd-wasm');

/** A second start of the module would break the first, so it is started once per process. */
let started: Promise<WasmModule> | undefined;

async function createWasmEncoder(level: number): Promise<{ readonly name: string; readonly encode: MemberEncoder }> {
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
