import type { ContainerConfig, Healthcheck, HistoryEntry, ImageConfig } from './image-config.ts';
import {
  asDigest,
  asFlag,
  asListOf,
  asMapOf,
  asNumber,
  asRecord,
  asText,
  defined,
  type JsonRecord,
  optional,
  refuse,
} from './json/shape.ts';
import { parseStrictJson } from './json/strict-json.ts';

const texts = asListOf(asText);

/**
 * Reads an image config (image-spec config.md with Docker's fields). Unknown members are dropped; `null`, which Go writes for
 * empty values, counts as absent. Throws `invalid-archive`, `limit`.
 */
export function parseConfig(bytes: Uint8Array): ImageConfig {
  const record = asRecord(parseStrictJson(bytes, 'config'), 'config');
  const text = (name: string) => optional(record, name, 'config', asText);
  return defined({
    created: createdOf(record, 'config'),
    author: text('author') || undefined,
    architecture: text('architecture') ?? '',
    os: text('os') ?? '',
    variant: text('variant') || undefined,
    'os.version': text('os.version') || undefined,
    'os.features': optional(record, 'os.features', 'config', texts),
    config: optional(record, 'config', 'config', parseContainerConfig) ?? {},
    rootfs: rootfsOf(record),
    history: optional(record, 'history', 'config', asListOf(historyOf)) ?? [],
  });
}

/** Reads the `config` object of an image config. Throws `invalid-archive`. */
export function parseContainerConfig(value: unknown, where: string): ContainerConfig {
  const record = asRecord(value, where);
  const text = (name: string) => optional(record, name, where, asText);
  return defined({
    User: text('User'),
    ExposedPorts: optional(record, 'ExposedPorts', where, asSet),
    Env: optional(record, 'Env', where, texts),
    Entrypoint: optional(record, 'Entrypoint', where, asArguments),
    Cmd: optional(record, 'Cmd', where, asArguments),
    Volumes: optional(record, 'Volumes', where, asSet),
    WorkingDir: text('WorkingDir'),
    Labels: optional(record, 'Labels', where, asMapOf(asText)),
    StopSignal: text('StopSignal'),
    Healthcheck: optional(record, 'Healthcheck', where, healthcheckOf),
    Shell: optional(record, 'Shell', where, asArguments),
    OnBuild: optional(record, 'OnBuild', where, texts),
    ArgsEscaped: optional(record, 'ArgsEscaped', where, asFlag),
  });
}

/** Images without layers may have no `rootfs`. */
function rootfsOf(record: JsonRecord): ImageConfig['rootfs'] {
  const rootfs = optional(record, 'rootfs', 'config', asRecord) ?? {};
  const type = optional(rootfs, 'type', 'config.rootfs', asText) || 'layers';
  if (type !== 'layers') refuse('config.rootfs.type', 'not `layers`');
  return { type: 'layers', diff_ids: optional(rootfs, 'diff_ids', 'config.rootfs', asListOf(asDigest)) ?? [] };
}

const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d([.,]\d+)?(Z|[+-]\d\d:\d\d)$/i;

/** Checks for RFC 3339, because Go programs refuse an image with another format. */
function createdOf(record: JsonRecord, where: string): string | undefined {
  const text = optional(record, 'created', where, asText) || undefined;
  if (text === undefined || (TIME.test(text) && !Number.isNaN(Date.parse(text.replace(',', '.'))))) return text;
  return refuse(`${where}.created`, `\`${text.slice(0, 100)}\` is no time`);
}

function historyOf(value: unknown, where: string): HistoryEntry {
  const record = asRecord(value, where);
  const text = (name: string) => optional(record, name, where, asText);
  return defined({
    created: createdOf(record, where),
    created_by: text('created_by'),
    author: text('author'),
    comment: text('comment'),
    empty_layer: optional(record, 'empty_layer', where, asFlag),
  });
}

function healthcheckOf(value: unknown, where: string): Healthcheck {
  const record = asRecord(value, where);
  const number = (name: string) => optional(record, name, where, asNumber);
  return defined({
    Test: optional(record, 'Test', where, texts),
    Interval: number('Interval'),
    Timeout: number('Timeout'),
    StartPeriod: number('StartPeriod'),
    StartInterval: number('StartInterval'),
    Retries: number('Retries'),
  });
}

/** A set as Go writes it: a map to empty objects. */
function asSet(value: unknown, where: string): Readonly<Record<string, Record<string, never>>> {
  return Object.fromEntries(Object.keys(asRecord(value, where)).map((name) => [name, {}]));
}

/** Docker reads a lone string as a list of one. */
function asArguments(value: unknown, where: string): readonly string[] {
  return typeof value === 'string' ? [value] : texts(value, where);
}
