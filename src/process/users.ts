/** Names of users and groups, looked up in an image's own /etc/passwd and /etc/group. */
import { type FileTree, resolveInTree } from '../content/index.ts';
import { MkimageError } from '../errors.ts';
import { readContent } from '../layer/index.ts';

/** As much of a passwd or group file as BuildKit reads. */
const FILE_LIMIT = 10 << 20;

/** The highest id there is: 32 bits, and all of them set means no id to the kernel. */
const MAX_ID = 2 ** 32 - 2;

export interface UserIds {
  readonly uid: number;
  readonly gid: number;
  /** Groups that have the user as a member; empty if a group was named. */
  readonly additionalGids: readonly number[];
}

export interface OwnerIds {
  readonly uid: number;
  readonly gid: number;
  /** Names that the image does not know. They count as root, as in BuildKit: worth a warning. */
  readonly unknown: readonly string[];
}

/**
 * What a process of `USER user[:group]` runs as; '' is root. Names have to exist. A number that /etc/passwd knows brings
 * its primary and further groups, one that it does not know has group 0. Throws `not-found`, `usage`, `invalid-archive`,
 * `limit`.
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
 * What `--chown=user[:group]` means: a number alone is both ids, a name alone brings its primary group. Names that the
 * image does not know count as root (or leave the user's group), as in BuildKit, and are reported. Throws `usage`,
 * `invalid-archive`, `limit`.
 */
export async function lookupOwner(tree: FileTree, spec: string): Promise<OwnerIds> {
  const [userName, groupName] = splitSpec(spec);
  const unknown: string[] = [];
  const owner = await ownerOf(tree, userName, spec, unknown);
  if (groupName === '') return { ...owner, unknown };
  const id = numericId(groupName, spec) ?? (await readGroups(tree)).find((line) => line.name === groupName)?.id;
  if (id === undefined) unknown.push(groupName);
  return { uid: owner.uid, gid: id ?? owner.gid, unknown };
}

/** The ids of groups by name or number. Throws `not-found` for a name that /etc/group does not know, else as `lookupUser`. */
export async function lookupGroups(tree: FileTree, names: readonly string[]): Promise<readonly number[]> {
  const ids: number[] = [];
  for (const name of names) ids.push(numericId(name, name) ?? (await namedGroup(tree, name)));
  return ids;
}

/** The home directory of a user id by /etc/passwd; `/` if that does not know it, as the OCI runtimes have it. */
export async function lookupHome(tree: FileTree, uid: number): Promise<string> {
  return (await readUsers(tree)).find((line) => line.id === uid)?.home || '/';
}

async function ownerOf(
  tree: FileTree,
  name: string,
  spec: string,
  unknown: string[],
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

/** The number that `USER` or `--chown` gives, undefined for a name. Throws `usage` for one that the kernel does not know. */
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

/** `name:password:uid:gid:…`; lines without two numbers are skipped: taken as 0 they would mean root. */
async function readUsers(tree: FileTree): Promise<readonly UserLine[]> {
  return (await readLines(tree, 'etc/passwd')).flatMap((line) => {
    const [name = '', , uid = '', gid = '', , home = ''] = line.split(':');
    return isId(uid) && isId(gid) ? [{ name, id: Number(uid), group: Number(gid), home }] : [];
  });
}

/** `name:password:gid:member,member`. */
async function readGroups(tree: FileTree): Promise<readonly GroupLine[]> {
  return (await readLines(tree, 'etc/group')).flatMap((line) => {
    const [name = '', , gid = '', members = ''] = line.split(':');
    return isId(gid) && !line.startsWith('#') ? [{ name, id: Number(gid), members: members.split(',') }] : [];
  });
}

function isId(text: string): boolean {
  return /^\d+$/.test(text) && Number(text) <= MAX_ID;
}

/** A missing file has no lines; anything but a regular file could block for ever or never end. */
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
