import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isMkimageError, MkimageError, readOrUndefined } from '../errors.ts';
import { FileLock } from '../host/index.ts';
import { generateName } from './generate-name.ts';
import { type ContainerHome, formatTime } from './home.ts';
import { tellContainer } from './life/tell.ts';
import { ContainerFolder, type ContainerRecord, listContainerIds, NEW_STATE, noSuchContainer } from './record.ts';

const PATIENCE_MS = 30_000;
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** Everything of a record that its caller decides. */
export type ContainerDraft = Omit<ContainerRecord, 'id' | 'name' | 'created'>;

/** Creates a container. Its name must be free; without a name, one is generated. Throws `usage`, `in-use`. */
export async function createContainer(
  home: ContainerHome,
  name: string | undefined,
  draft: (id: string) => Promise<ContainerDraft>,
): Promise<ContainerRecord> {
  if (name !== undefined) requireValidName(name);
  const id = randomBytes(32).toString('hex');
  const drafted = await draft(id);
  return holdNames(home, async () => {
    const taken = listRecords(home);
    if (name !== undefined) refuseTaken(taken, name);
    const free = name ?? generateName((each) => taken.some((record) => record.name === each));
    const record: ContainerRecord = { id, name: free, created: formatTime(home.clock()), ...drafted };
    makeFolder(home, record);
    tellContainer(home, record, 'create');
    return record;
  });
}

function makeFolder(home: ContainerHome, record: ContainerRecord): void {
  const folder = new ContainerFolder(home.directory, record.id);
  try {
    for (const part of ['upper', 'work'] as const) mkdirSync(folder.file(part), { recursive: true, mode: 0o755 });
    folder.writeState(NEW_STATE);
    folder.writeRecord(record);
  } catch (error) {
    rmSync(folder.path, { recursive: true, force: true });
    throw error;
  }
}

/** Names are given to one container at a time. */
export function holdNames<T>(home: ContainerHome, work: () => Promise<T>): Promise<T> {
  mkdirSync(home.directory, { recursive: true, mode: 0o700 });
  return new FileLock(join(home.directory, 'names')).hold(PATIENCE_MS, work);
}

export function requireValidName(name: string): void {
  if (NAME.test(name)) return;
  throw new MkimageError('usage', `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`);
}

export function refuseTaken(taken: readonly ContainerRecord[], name: string): void {
  const other = taken.find((record) => record.name === name);
  if (other === undefined) return;
  throw new MkimageError(
    'in-use',
    `Conflict. The container name "/${name}" is already in use by container "${other.id}". ` +
      'You have to remove (or rename) that container to be able to reuse that name.',
  );
}

/** All containers that are complete; one that is being removed is left out. */
export function listRecords(home: Pick<ContainerHome, 'directory'>): readonly ContainerRecord[] {
  return listContainerIds(home.directory).flatMap((id) => {
    const folder = new ContainerFolder(home.directory, id);
    return readOrUndefined(() => folder.record()) ?? [];
  });
}

/** Finds a container by its full id, its name, or the start of its id. Throws `not-found`, `usage`. */
export function findContainer(home: Pick<ContainerHome, 'directory'>, text: string): ContainerFolder {
  const exact = /^[0-9a-f]{64}$/.test(text) ? new ContainerFolder(home.directory, text) : undefined;
  if (exact?.exists() === true) return exact;
  const name = text.replace(/^\//, '');
  const records = listRecords(home);
  const named = records.find((record) => record.name === name);
  const fitting =
    named === undefined && /^[0-9a-f]+$/.test(text) ? records.filter(({ id }) => id.startsWith(text)) : [];
  const found = named ?? (fitting.length === 1 ? fitting[0] : undefined);
  if (found !== undefined) return new ContainerFolder(home.directory, found.id);
  if (fitting.length > 1) throw new MkimageError('usage', `multiple IDs found with provided prefix: ${text}`);
  throw noSuchContainer(text);
}

/** True for an error that a container that is being removed causes. */
export function isGoneError(error: unknown): boolean {
  return isMkimageError(error, 'not-found') || (error as NodeJS.ErrnoException).code === 'ENOENT';
}
