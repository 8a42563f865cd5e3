/** Looks up users and groups in an image's own /etc/passwd and /etc/group. */
import { type FileTree, resolveInTree } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { readContent } from '../layer/index.ts';

/** The maximum size that is read of a passwd or group file, as in BuildKit. */
const FILE_LIMIT = 10 << 20;

/** The highest valid id: ids have 32 bits, and the kernel uses the highest value for "no id". */
const MAX_ID = 2 ** 32 - 2;

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
  /** Groups that list the user as a member; empty if the spec names a group. */
  readonly additionalGids: readonly number[];
}

export interface OwnerIds {
  readonly uid: number;
  readonly gid: number;
  /** Names that are not in the image. They become root, as in BuildKit; callers should warn. */
  readonly unknown: readonly string[];
}

/**
 * Resolves `USER user[:group]`; '' is root. Names must exist. A number in /etc/passwd gets its primary and additional
 * groups, any other number gets group 0. Throws `not-found`, `usage`, `invalid-archive`, `limit`.
 */
export async function lookupUser(tree: FileTree, spec: string): Promise<UserIds> {
  const [userName, groupName] = splitSpec(spec === '' ? '0' : spec);
  const uid = userName === '' ? 0 : numericId(userName, spec);
  const gid = numericId(groupName, spec);
  if (uid !== undefined && gid !== undefined) return { uid, gid, additionalGids: [] };
  const user = (await readUsers(tree)).find((line) => (uid === undefined ? line.name === userName : line.id === uid));
  const id = user?.id ?? uid;
  if (id === undefined) throw unknownName('user', userName, '/etc/passwd');
  if (groupName !== '') return { uid: id, gid: gid ?? (await namedGroup(tree, groupName)), additionalGids: [] };
  const groups = user === undefined ? [] : await readGroups(tree);
  const memberships = groups.filter((group) => group.members.includes(user?.name ?? ''));
  return { uid: id, gid: user?.group ?? 0, additionalGids: memberships.map((group) => group.id) };
}

/**
 * Resolves `--chown=user[:group]`: a number alone is both ids, a name alone gets its primary group. Unknown users
 * become root and unknown groups are ignored, as in BuildKit; both are reported in `unknown`. Throws `usage`,
 * `invalid-archive`, `limit`.
 */
export async function lookupOwner(tree: FileTree, spec: string): Promise<OwnerIds> {
  const [userName, groupName] = splitSpec(spec);
  const unknown: string[] = [];
  const owner = await ownerOf(tree, userName, { spec, unknown });
  if (groupName === '') return { ...owner, unknown };
  const id = numericId(groupName, spec) ?? (await readGroups(tree)).find((line) => line.name === groupName)?.id;
  if (id === undefined) unknown.push(groupName);
  return { uid: owner.uid, gid: id ?? owner.gid, unknown };
}

/**
 * Resolves groups by name or number. Throws `not-found` for a name that is not in /etc/group, otherwise as
 * `lookupUser`.
 */
export async function lookupGroups(tree: FileTree, names: readonly string[]): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const name of names) ids.push(numericId(name, name) ?? (await namedGroup(tree, name)));
  return ids;
}

/** Returns the home directory of a user id from /etc/passwd; `/` if it is not listed, as OCI runtimes do. */
export async function lookupHome(tree: FileTree, uid: number): Promise<string> {
  return (await readUsers(tree)).find((line) => line.id === uid)?.home || '/';
}

interface OwnerSpec {
  readonly spec: string;
  readonly unknown: string[];
}

async function ownerOf(
  tree: FileTree,
  name: string,
  { spec, unknown }: OwnerSpec,
): Promise<{ uid: number; gid: number }> {
  const id = numericId(name, spec);
  if (id !== undefined) return { uid: id, gid: id };
  const user = (await readUsers(tree)).find((line) => line.name === name);
  if (user === undefined && name !== '') unknown.push(name);
  return { uid: user?.id ?? 0, gid: user?.group ?? 0 };
}

async function namedGroup(tree: FileTree, name: string): Promise<number> {
  const group = (await readGroups(tree)).find((line) => line.name === name);
  if (group === undefined) throw unknownName('group', name, '/etc/group');
  return group.id;
}

function splitSpec(spec: string): readonly [user: string, group: string] {
  const [user = '', group = ''] = spec.split(':');
  return [user, group];
}

/**
 * Returns the number in `USER` or `--chown`, undefined for a name. Throws `usage` for a number above the kernel's
 * limit.
 */
function numericId(text: string, spec: string): number | undefined {
  if (text === 'root') return 0;
  if (!/^\d+$/.test(text)) return undefined;
  if (Number(text) <= MAX_ID) return Number(text);
  throw new MkimageError('usage', `look up owner \`${spec}\`: ids go up to ${MAX_ID}`);
}

function unknownName(kind: 'user' | 'group', name: string, file: string): MkimageError {
  return new MkimageError('not-found', `look up ${kind} \`${name}\`: not in the image's ${file}`, {
    hint: `create the ${kind} in an earlier step, or give its number`,
  });
}

interface UserLine {
  readonly name: string;
  readonly id: number;
  readonly group: number;
  readonly home: string;
}

interface GroupLine {
  readonly name: string;
  readonly id: number;
  readonly members: readonly string[];
}

/** Parses `name:password:uid:gid:…`. Skips lines without two numbers, because reading them as 0 would mean root. */
async function readUsers(tree: FileTree): Promise<readonly UserLine[]> {
  return (await readLines(tree, 'etc/passwd')).flatMap((line) => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':');
    return isId(uid) && isId(gid) ? [{ name, id: Number(uid), group: Number(gid), home }] : [];
  });
}

/** Parses `name:password:gid:member,member`. */
async function readGroups(tree: FileTree): Promise<readonly GroupLine[]> {
  return (await readLines(tree, 'etc/group')).flatMap((line) => {
    const [name = '', , gid = '', members = ''] = line.split(':');
    return isId(gid) && !line.startsWith('#') ? [{ name, id: Number(gid), members: members.split(',') }] : [];
  });
}

function isId(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= MAX_ID;
}

/** A missing file has no lines. Only regular files are read: others could block or never end. */
async function readLines(tree: FileTree, name: string): Promise<readonly string[]> {
  const path = resolveInTree(tree, name);
  const entry = tree.stat(path);
  if (entry === undefined) return [];
  if (entry.type !== 'file')
    throw new MkimageError('invalid-archive', `read \`/${name}\`: it is a ${entry.type}, not a file`);
  if (entry.size > FILE_LIMIT)
    throw new MkimageError('limit', `read \`/${name}\`: it has more than ${FILE_LIMIT} bytes`);
  const text = readContent(entry, await tree.locate(path)).toString('utf8');
  return text.split('\n').map((line) => line.trim());
}
