/** Users of a traced process. It has no other user than mkimage; these are the ones that it believes to be. */
export interface Ids {
  real: number;
  effective: number;
  saved: number;
}

const EPERM = -1;

export class Credentials {
  readonly uids: Ids;
  readonly gids: Ids;
  groups: readonly number[];

  constructor(uid: number, gid: number, groups: readonly number[]) {
    this.uids = { real: uid, effective: uid, saved: uid };
    this.gids = { real: gid, effective: gid, saved: gid };
    this.groups = groups;
  }

  copy(): Credentials {
    const copy = new Credentials(0, 0, this.groups);
    Object.assign(copy.uids, this.uids);
    Object.assign(copy.gids, this.gids);
    return copy;
  }

  get isRoot(): boolean {
    return this.uids.effective === 0;
  }

  /** setresuid(2) and setresgid(2); -1 keeps an id. */
  setAll(kind: 'uids' | 'gids', [real, effective, saved]: readonly [number, number, number]): number {
    const ids = this[kind];
    const known = [ids.real, ids.effective, ids.saved];
    const wanted = [real, effective, saved].filter((id) => id !== -1);
    if (!this.isRoot && wanted.some((id) => !known.includes(id))) return EPERM;
    if (real !== -1) ids.real = real;
    if (effective !== -1) ids.effective = effective;
    if (saved !== -1) ids.saved = saved;
    return 0;
  }

  /** setuid(2) and setgid(2). */
  set(kind: 'uids' | 'gids', id: number): number {
    return this.setAll(kind, this.isRoot ? [id, id, id] : [-1, id, -1]);
  }

  /** setreuid(2) and setregid(2). */
  setPair(kind: 'uids' | 'gids', real: number, effective: number): number {
    const changes = real !== -1 || (effective !== -1 && effective !== this[kind].real);
    const saved = changes ? (effective === -1 ? this[kind].effective : effective) : -1;
    const result = this.setAll(kind, [real, effective, -1]);
    if (result === 0 && saved !== -1) this[kind].saved = saved;
    return result;
  }

  setGroups(groups: readonly number[]): number {
    if (!this.isRoot) return EPERM;
    this.groups = groups;
    return 0;
  }
}
