/** Finds hadolint's settings where hadolint looks for them, and in the folder of the build file. */
import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MkimageError } from '../../errors.ts';
import {
  type LintSettings,
  mergeSettings,
  readEnvironment,
  readSettingsText,
  SettingsFault,
  type SettingsPart,
} from '../../lint/index.ts';

export interface SettingsPlaces {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Searched first, in this order. */
  readonly directories: readonly string[];
  /** Named by the user: no other file is searched. */
  readonly file?: NamedFile | undefined;
}

/** A path as written, and the directory to which it is relative. */
interface NamedFile {
  readonly path: string;
  readonly cwd: string;
}

const MOST_BYTES = 1 << 16;

/** Returns the first file that exists, combined with HADOLINT_*. undefined if there is neither. Throws `usage`. */
export async function findLintSettings(places: SettingsPlaces): Promise<LintSettings | undefined> {
  const fromFile = await readFirst(places);
  const fromEnvironment = readEnvironment(places.environment);
  if (fromFile === undefined && fromEnvironment === undefined) return undefined;
  return mergeSettings(fromFile ?? {}, fromEnvironment ?? {});
}

async function readFirst(places: SettingsPlaces): Promise<SettingsPart | undefined> {
  if (places.file !== undefined) {
    const { path, cwd } = places.file;
    const text = readSmallFile(resolve(cwd, path));
    if (text === undefined) throw new MkimageError('usage', `read \`${path}\`: no such file`);
    return readSettings(path, text);
  }
  for (const path of listCandidates(places)) {
    const text = readSmallFile(path);
    if (text !== undefined) return readSettings(path, text);
  }
  return undefined;
}

function listCandidates({ environment, directories }: SettingsPlaces): readonly string[] {
  const { HOME = '', XDG_CONFIG_HOME = '' } = environment;
  const visible = XDG_CONFIG_HOME === '' ? [] : [join(XDG_CONFIG_HOME, 'hadolint')];
  const ofUser = [
    join(HOME, '.config', 'hadolint'),
    join(HOME, '.hadolint', 'hadolint'),
    join(HOME, '.hadolint', 'config'),
    join(HOME, 'hadolint', 'config'),
    join(HOME, '.hadolint'),
  ];
  const names = [
    ...directories.map((directory) => join(directory, '.hadolint')),
    ...visible,
    ...(HOME === '' ? [] : ofUser),
  ];
  return names.flatMap((name) => [`${name}.yaml`, `${name}.yml`]);
}

async function readSettings(path: string, text: string): Promise<SettingsPart> {
  try {
    return await readSettingsText(text);
  } catch (error) {
    if (!(error instanceof SettingsFault)) throw error;
    throw new MkimageError('usage', `read \`${path}\`: ${error.message}`, { cause: error.cause });
  }
}

/** Returns undefined if the file does not exist. Does not block on a pipe or a device. Throws `usage`. */
function readSmallFile(path: string): string | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw new MkimageError('usage', `read \`${path}\`: ${code === 'EACCES' ? 'permission denied' : code}`);
  }
  try {
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) throw new MkimageError('usage', `read \`${path}\`: it is not a file`);
    if (stat.size > MOST_BYTES) throw new MkimageError('usage', `read \`${path}\`: it is larger than 64 KiB`);
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}
