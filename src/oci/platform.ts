import { MkimageError } from '../errors.ts';

/** A platform as in image-spec (image-index.md, `platform`). */
export interface Platform {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string;
  readonly 'os.version'?: string;
  readonly 'os.features'?: readonly string[];
}

const KNOWN_OS = new Set(
  'aix android darwin dragonfly freebsd hurd illumos ios js linux netbsd openbsd plan9 solaris windows zos'.split(' '),
);
const KNOWN_ARCHITECTURE = new Set(
  'arm arm64 amd64 386 loong64 mips mipsle mips64 mips64le ppc64 ppc64le riscv64 s390x sparc64 wasm'.split(' '),
);
const COMPONENT = /^[A-Za-z0-9_.-]+$/;
const OS_COMPONENT = /^([A-Za-z0-9_-]+)(?:\(([A-Za-z0-9_.%-]*)((?:\+[A-Za-z0-9_.%-]+)*)\))?$/;

/** Reads `os/arch[/variant]`, `os(version+feature)/arch`, or one of os and arch when `host` fills in the other. Throws `usage`. */
export function parsePlatform(text: string, host?: Platform): Platform {
  const parts = text.split('/');
  const os = OS_COMPONENT.exec(parts[0] ?? '');
  if (os === null || parts.length > 3 || !parts.slice(1).every((part) => COMPONENT.test(part)))
    throw createPlatformError(text);
  if (parts.length === 1) return parseOneWord(text, os[1]!.toLowerCase(), host);
  const [architecture, variant] = normalizeArchitecture(parts[1]!, parts[2] ?? '');
  return platformOf(normalizeOs(os[1]!), architecture, {
    variant: formatVariant(architecture, variant, parts.length === 3),
    os: {
      version: decode(os[2] ?? ''),
      features: (os[3] ?? '').split('+').filter(Boolean).map(decode),
    },
  });
}

/** A requested platform. Missing parts are taken from the machine. */
export type WantedPlatform = Partial<Platform>;

/** Reads `os/arch[/variant]`, one of os and arch alone, or `local`. Throws `usage`. */
export function parseWantedPlatform(text: string): WantedPlatform {
  if (text === 'local') return {};
  if (text.includes('/')) return normalizePlatform(parsePlatform(text));
  return readOneWord(text, OS_COMPONENT.exec(text)?.[1]?.toLowerCase());
}

/** Completes a requested platform with the parts of the host, in canonical spelling. */
export function completePlatform({ os, architecture, ...rest }: WantedPlatform, host: Platform): Platform {
  if (os === undefined && architecture === undefined) return host;
  const machine = architecture === undefined ? host : { architecture, ...rest };
  const variant = machine.variant === undefined ? {} : { variant: machine.variant };
  return normalizePlatform({ ...rest, os: os ?? host.os, architecture: machine.architecture, ...variant });
}

/** Like `formatPlatform`, with version and features of the OS: `windows(10.0.17763+win32k)/amd64`. */
export function formatWholePlatform(platform: Platform): string {
  const { 'os.version': version = '', 'os.features': features = [], ...rest } = platform;
  if (version === '' && features.length === 0) return formatPlatform(rest);
  const options = [version, ...features].map((option) => option.replace(/[()+%]/g, encode)).join('+');
  return formatPlatform({ ...rest, os: `${rest.os}(${options})` });
}

/** `os/arch[/variant]`, without version and features of the OS. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = platform;
  return [os, architecture, variant].filter(Boolean).join('/');
}

/** The canonical spelling: `x86_64` → `amd64`, `arm64/v8` → `arm64`, `arm` → `arm/v7` (containerd/platforms). */
export function normalizePlatform(platform: Platform): Platform {
  const [architecture, variant] = normalizeArchitecture(platform.architecture, platform.variant ?? '');
  const features = [...new Set(platform['os.features'] ?? [])].sort();
  return platformOf(normalizeOs(platform.os), architecture, {
    variant,
    os: { version: platform['os.version'] ?? '', features },
  });
}

/** The platform of a Linux machine, from Node's architecture name (`process.arch`). */
export function toHostPlatform(nodeArch: string): Platform {
  const names: Readonly<Record<string, string>> = { x64: 'amd64', ia32: '386', ppc64: 'ppc64le', mipsel: 'mipsle' };
  const architecture = names[nodeArch] ?? nodeArch;
  return { os: 'linux', architecture, ...(architecture === 'arm' && { variant: 'v7' }) };
}

/**
 * The best candidate for the wanted platform: the same platform, else an older variant, else (amd64) 386 or (arm64) arm, in
 * containerd's order; else the first candidate without a platform. undefined if none matches.
 */
export function matchPlatform<T extends { readonly platform?: Platform | undefined }>(
  candidates: readonly T[],
  wanted: Platform,
): T | undefined {
  for (const acceptable of listCompatible(normalizePlatform(wanted))) {
    const found = candidates.find(({ platform }) => platform !== undefined && isSame(platform, acceptable));
    if (found !== undefined) return found;
  }
  return candidates.find(({ platform }) => platform === undefined);
}

/** Best first. A variant of amd64 or arm runs every older one; arm64 v9.x also runs v8.0 to v8.(x+5). */
function listCompatible(wanted: Platform): Platform[] {
  const { architecture, variant = '' } = wanted;
  const createAt = (name: string, version: string) => ({ os: wanted.os, architecture: name, variant: version });
  switch (architecture) {
    case 'amd64':
      return [
        wanted,
        ...listOlderVariants(variant, 1).map((version) => createAt('amd64', version)),
        createAt('386', ''),
      ];
    case 'arm':
      return [wanted, ...listOlderVariants(variant, 5).map((version) => createAt('arm', version))];
    case 'arm64':
      return [
        ...listArm64Variants(variant || 'v8').map((version) => createAt('arm64', version)),
        ...['v8', 'v7', 'v6', 'v5'].map((version) => createAt('arm', version)),
      ];
    default:
      return [wanted];
  }
}

function listOlderVariants(variant: string, oldest: number): string[] {
  const version = Number(/^v(\d{1,2})$/.exec(variant)?.[1] ?? Number.NaN);
  return Number.isNaN(version) ? [] : countDown(version - 1, oldest).map((n) => `v${n}`);
}

function listArm64Variants(variant: string): string[] {
  const [, major, minor = '0'] = /^v([89])(?:\.(\d))?$/.exec(variant) ?? [];
  if (major === undefined) return [variant];
  const createNamer = (m: string) => (n: number) => (n === 0 ? `v${m}` : `v${m}.${n}`);
  const own = countDown(Number(minor), 0).map(createNamer(major));
  return major === '8' ? own : [...own, ...countDown(Math.min(Number(minor) + 5, 9), 0).map(createNamer('8'))];
}

function countDown(from: number, to: number): number[] {
  return Array.from({ length: Math.max(from - to + 1, 0) }, (_, i) => from - i);
}

function isSame(a: Platform, b: Platform): boolean {
  const x = normalizePlatform(a);
  const y = normalizePlatform(b);
  return x.os === y.os && x.architecture === y.architecture && (x.variant ?? '') === (y.variant ?? '');
}

function parseOneWord(text: string, word: string, host: Platform | undefined): Platform {
  const { os, architecture, variant = '' } = readOneWord(text, word);
  if (host === undefined) throw createPlatformError(text);
  if (architecture === undefined) return platformOf(os ?? host.os, host.architecture, { variant: host.variant ?? '' });
  return platformOf(host.os, architecture, { variant: formatVariant(architecture, variant, false) });
}

/** Parses an operating system (`word` is the part before its version), else an architecture. */
function readOneWord(text: string, word: string | undefined): WantedPlatform {
  const os = normalizeOs(word ?? '');
  if (word !== undefined && KNOWN_OS.has(os)) return { os };
  const [architecture, variant] = normalizeArchitecture(text, '');
  if (word === undefined || !KNOWN_ARCHITECTURE.has(architecture)) throw createPlatformError(text);
  return { architecture, ...(variant !== '' && { variant }) };
}

/** A default variant is not shown (`arm` means v7); a written one is (`arm64/v8`). */
function formatVariant(architecture: string, variant: string, written: boolean): string {
  if (architecture === 'arm' && variant === 'v7' && !written) return '';
  return architecture === 'arm64' && variant === '' && written ? 'v8' : variant;
}

function normalizeOs(os: string): string {
  const lower = os.toLowerCase();
  return lower === 'macos' ? 'darwin' : lower || 'linux';
}

function normalizeArchitecture(name: string, version: string): [architecture: string, variant: string] {
  const architecture = name.toLowerCase();
  const variant = version.toLowerCase();
  switch (architecture) {
    case 'i386':
      return ['386', ''];
    case 'x86_64':
    case 'x86-64':
    case 'amd64':
      return ['amd64', variant === 'v1' ? '' : variant];
    case 'aarch64':
    case 'arm64':
      if (/^(v?8|v8\.0)$/.test(variant)) return ['arm64', ''];
      return ['arm64', /^(9|9\.0|v9\.0)$/.test(variant) ? 'v9' : variant];
    case 'armhf':
      return ['arm', 'v7'];
    case 'armel':
      return ['arm', 'v6'];
    case 'arm':
      return ['arm', variant === '' ? 'v7' : variant.replace(/^[5-8]$/, 'v$&')];
    default:
      return [architecture, variant];
  }
}

function platformOf(
  os: string,
  architecture: string,
  {
    variant,
    os: more = { version: '', features: [] },
  }: { readonly variant: string; readonly os?: { readonly version: string; readonly features: readonly string[] } },
): Platform {
  return {
    os,
    architecture,
    ...(variant !== '' && { variant }),
    ...(more.version !== '' && { 'os.version': more.version }),
    ...(more.features.length > 0 && { 'os.features': more.features }),
  };
}

function encode(letter: string): string {
  return `%${letter.charCodeAt(0).toString(16).toUpperCase()}`;
}

function decode(option: string): string {
  try {
    return decodeURIComponent(option);
  } catch {
    throw createPlatformError(option);
  }
}

function createPlatformError(text: string): MkimageError {
  return new MkimageError('usage', `parse platform: \`${text.slice(0, 100)}\` is not a platform`, {
    hint: 'a platform looks like `linux/amd64` or `linux/arm64/v8`',
  });
}
