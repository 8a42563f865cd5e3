import type { ContainerConfig, Healthcheck, HistoryEntry, ImageConfig } from './image-config.ts';
import {
  createMemberReader,
  expectDigest,
  expectFlag,
  expectListOf,
  expectMapOf,
  expectNumber,
  expectRecord,
  expectText,
  type JsonRecord,
  refuse,
  removeUndefined,
} from './json/shape.ts';
import { parseStrictJson } from './json/strict-json.ts';

const texts = expectListOf(expectText);

/**
 * Reads an image config (image-spec config.md with Docker's fields). Unknown members are dropped; `null`, which Go writes for
 * empty values, counts as absent. Throws `invalid-archive`, `limit`.
 */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const record = expectRecord(parseStrictJson(bytes, 'config'), 'config');
  const read = createMemberReader(record, 'config');
  return removeUndefined({
    created: createdOf(record, 'config'),
    author: read('author', expectText) || undefined,
    architecture: read('architecture', expectText) ?? '',
    os: read('os', expectText) ?? '',
    variant: read('variant', expectText) || undefined,
    'os.version': read('os.version', expectText) || undefined,
    'os.features': read('os.features', texts),
    config: read('config', parseContainerConfig) ?? {},
    rootfs: rootfsOf(record),
    history: read('history', expectListOf(historyOf)) ?? [],
  });
}

/** Reads the `config` object of an image config. Throws `invalid-archive`. */
export function parseContainerConfig(value: unknown, where: string): ContainerConfig {
  const record = expectRecord(value, where);
  const read = createMemberReader(record, where);
  return removeUndefined({
    User: read('User', expectText),
    ExposedPorts: read('ExposedPorts', expectSet),
    Env: read('Env', texts),
    Entrypoint: read('Entrypoint', expectArguments),
    Cmd: read('Cmd', expectArguments),
    Volumes: read('Volumes', expectSet),
    WorkingDir: read('WorkingDir', expectText),
    Labels: read('Labels', expectMapOf(expectText)),
    StopSignal: read('StopSignal', expectText),
    Healthcheck: read('Healthcheck', healthcheckOf),
    Shell: read('Shell', expectArguments),
    OnBuild: read('OnBuild', texts),
    ArgsEscaped: read('ArgsEscaped', expectFlag),
  });
}

/** Images without layers may have no `rootfs`. */
function rootfsOf(record: JsonRecord): ImageConfig['rootfs'] {
  const read = createMemberReader(record, 'config');
  const rootfs = read('rootfs', expectRecord) ?? {};
  const readRootfs = createMemberReader(rootfs, 'config.rootfs');
  const type = readRootfs('type', expectText) || 'layers';
  if (type !== 'layers') refuse('config.rootfs.type', 'not `layers`');
  return { type: 'layers', diff_ids: readRootfs('diff_ids', expectListOf(expectDigest)) ?? [] };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Checks for RFC 3339, because Go programs refuse an image with another format. */
function createdOf(record: JsonRecord, where: string): string | undefined {
  const read = createMemberReader(record, where);
  const text = read('created', expectText) || undefined;
  if (text === undefined || (TIME.test(text) && !Number.isNaN(Date.parse(text.replace(',', '.'))))) return text;
  return refuse(`${where}.created`, `\`${text.slice(0, 100)}\` is no time`);
}

function historyOf(value: unknown, where: string): HistoryEntry {
  const record = expectRecord(value, where);
  const read = createMemberReader(record, where);
  return removeUndefined({
    created: createdOf(record, where),
    created_by: read('created_by', expectText),
    author: read('author', expectText),
    comment: read('comment', expectText),
    empty_layer: read('empty_layer', expectFlag),
  });
}

function healthcheckOf(value: unknown, where: string): Healthcheck {
  const record = expectRecord(value, where);
  const read = createMemberReader(record, where);
  return removeUndefined({
    Test: read('Test', texts),
    Interval: read('Interval', expectNumber),
    Timeout: read('Timeout', expectNumber),
    StartPeriod: read('StartPeriod', expectNumber),
    StartInterval: read('StartInterval', expectNumber),
    Retries: read('Retries', expectNumber),
  });
}

/** A set as Go writes it: a map to empty objects. */
function expectSet(value: unknown, where: string): Readonly<Record<string, Record<string, never>>> {
  return Object.fromEntries(Object.keys(expectRecord(value, where)).map((name) => [name, {}]));
}

/** Docker reads a lone string as a list of one. */
function expectArguments(value: unknown, where: string): readonly string[] {
  return typeof value === 'string' ? [value] : texts(value, where);
}
