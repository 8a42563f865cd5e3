/**
 * Archives that try to reach outside the place where they are unpacked, or to spoil it. `base` is the folder around that place; a canary lies
 * in it. The names tell which published fault is of the kind.
 */
import { execFileSync } from 'node:child_process';
import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as assert from 'uvu/assert';
import { programPath } from '../support/needs.ts';
import { device, file, hardlink, type Sample, symlink } from './tar-samples.ts';

/** Refused, or unpacked and then this holds in the root. Nothing outside changes either way. */
export type Outcome = 'refused' | ((root: string) => void);

export interface HostileArchive {
  readonly name: string;
  readonly samples: (base: string) => readonly Sample[];
  readonly outcome: Outcome;
}

export const HOSTILE_ARCHIVES: HostileArchive[] = [];

function hostile(name: string, samples: HostileArchive['samples'], outcome: Outcome): void {
  HOSTILE_ARCHIVES.push({ name, samples, outcome });
}

const holds = (path: string, content: string) => (root: string) =>
  assert.is(readFileSync(join(root, path), 'utf8'), content);
const isMissing = (path: string) => (root: string) =>
  assert.is(lstatSync(join(root, path), { throwIfNoEntry: false }), undefined);
const nothing = () => {};

// Paths
hostile('a path with `..` stays inside', () => [file('../canary/file', 'x')], holds('canary/file', 'x'));
hostile(
  'a path with many `..` stays inside (CVE-2026-28406)',
  () => [file('a/../../../../../../canary/file', 'x')],
  holds('canary/file', 'x'),
);
hostile('an absolute path stays inside (CVE-2021-32804)', (base) => [file(`${base}/canary/file`, 'x')], nothing);
hostile('a path `..` alone as a file is refused', () => [file('..', 'x')], 'refused');
hostile('a path `.` alone as a file is refused', () => [file('.', 'x')], 'refused');
hostile('a path `/` as a file is refused', () => [file('/', 'x', { type: 'file' })], 'refused');
hostile('an empty path as a file is refused', () => [file('', 'x')], 'refused');
hostile('backslashes are only characters', () => [file('..\\..\\canary', 'x')], holds('..\\..\\canary', 'x'));
hostile('a path with a trailing `..` stays inside', () => [file('a/b/..', 'x')], holds('a', 'x'));
hostile(
  'a directory `..` is the root and changes nothing',
  () => [{ path: '../', mode: 0 }],
  (root) => assert.is(lstatSync(root).mode & 0o777, 0o755),
);

// The root entry
hostile(
  'a root that is a symlink is refused (CVE-2021-29136)',
  () => [symlink('.', '../canary'), file('file', 'x')],
  'refused',
);
hostile('a root `/` that is a symlink is refused', () => [symlink('/', '../canary')], 'refused');
hostile('a root that is a hard link is refused', () => [hardlink('./', '../canary/file')], 'refused');
hostile(
  'a root entry does not change the directory',
  () => [{ path: './', mode: 0o777, uid: 5 }],
  (root) => assert.is(lstatSync(root).mode & 0o777, 0o755),
);

// Symlinked parents
hostile(
  'a parent that is a relative link outward stays inside (CVE-2026-17106)',
  () => [symlink('l', '../canary'), file('l/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a parent that is an absolute link outward stays inside',
  (base) => [symlink('l', `${base}/canary`), file('l/file', 'x')],
  nothing,
);
hostile(
  'a chain of links outward stays inside',
  () => [symlink('a', 'b'), symlink('b', '../../canary'), file('a/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a link through a link stays inside',
  () => [{ path: 'd/' }, symlink('d/up', '..'), symlink('l', 'd/up/../../canary'), file('l/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a link to the root of the machine stays inside',
  () => [symlink('l', '/'), file('l/etc/x', 'x')],
  holds('etc/x', 'x'),
);
hostile('a loop of links is refused', () => [symlink('a', 'b'), symlink('b', 'a'), file('a/x', 'x')], 'refused');
hostile('a link to itself as a parent is refused', () => [symlink('a', 'a'), file('a/x', 'x')], 'refused');
hostile(
  'a directory through a link stays inside',
  () => [symlink('l', '../canary'), { path: 'l/dir/', mode: 0 }],
  nothing,
);
hostile(
  'a directory in the place of a link replaces the link',
  () => [symlink('l', '../canary'), { path: 'l/', mode: 0o700 }, file('l/x', 'x')],
  (root) => assert.ok(lstatSync(join(root, 'l')).isDirectory()),
);
hostile(
  'a file in the place of a link replaces the link',
  () => [symlink('l', '../canary/file'), file('l', 'x')],
  (root) => {
    assert.ok(lstatSync(join(root, 'l')).isFile());
    holds('l', 'x')(root);
  },
);
hostile(
  'a file in the place of a dangling link replaces the link',
  () => [symlink('l', '../canary/new'), file('l', 'x')],
  holds('l', 'x'),
);
hostile(
  'a directory swapped for a link between two files (CVE-2021-32803)',
  () => [{ path: 'd/' }, file('d/a', 'a'), symlink('d', '../canary'), file('d/file', 'x')],
  holds('canary/file', 'x'),
);
hostile(
  'a directory swapped for a link and back (CVE-2021-37701)',
  () => [{ path: 'd/' }, symlink('d', '../canary'), { path: 'd/' }, file('d/file', 'x')],
  holds('d/file', 'x'),
);
hostile(
  'a deep directory swapped for a link',
  () => [{ path: 'a/b/c/' }, file('a/b/c/x', ''), symlink('a/b', '../../canary'), file('a/b/dir/inner', 'x')],
  holds('canary/dir/inner', 'x'),
);
hostile('a parent that is a file is refused', () => [file('f', 'x'), file('f/g', 'y')], 'refused');
hostile('a parent that is a device is refused', () => [{ path: 'p', type: 'fifo' }, file('p/g', 'y')], 'refused');

// Hard links
hostile(
  'a hard link outward is refused (CVE-2026-50163)',
  () => [hardlink('l', '../canary/file'), file('l', 'x')],
  'refused',
);
hostile('an absolute hard link outward is refused', (base) => [hardlink('l', `${base}/canary/file`)], 'refused');
hostile(
  'a hard link through a link outward is refused (CVE-2026-26960)',
  () => [symlink('s', '../canary'), hardlink('l', 's/file')],
  'refused',
);
hostile(
  'a hard link to a link is a link again, not its target',
  () => [symlink('s', '../canary/file'), hardlink('l', 's'), file('l', 'x')],
  (root) => {
    holds('l', 'x')(root);
    assert.ok(lstatSync(join(root, 's')).isSymbolicLink());
  },
);
hostile(
  'writing through a hard link to a symlink replaces it (CVE-2026-23745)',
  () => [symlink('s', '../canary/file'), hardlink('l', 's'), { path: 'l', mode: 0o777, content: 'x' }],
  holds('l', 'x'),
);
hostile('a hard link to itself is refused', () => [file('l', 'x'), hardlink('l', 'l')], 'refused');
hostile('a hard link to a directory is refused', () => [{ path: 'd/' }, hardlink('l', 'd')], 'refused');
hostile('a hard link to nothing is refused', () => [hardlink('l', 'nowhere')], 'refused');
hostile('a hard link to the root is refused', () => [hardlink('l', '/')], 'refused');
hostile(
  'a hard link from outside the root stays inside',
  () => [file('f', 'x'), hardlink('../canary/file', 'f')],
  holds('canary/file', 'x'),
);

// Whiteouts
hostile('a whiteout outside deletes nothing there', () => [file('../canary/.wh.file')], isMissing('canary/inner'));
hostile(
  'a whiteout below a link outward deletes nothing there',
  () => [symlink('l', '../canary'), file('l/.wh.file')],
  nothing,
);
hostile('a whiteout of `..` is refused', () => [file('.wh...')], 'refused');
hostile('a whiteout of `.` is refused', () => [file('.wh..')], 'refused');
hostile('a whiteout of nothing is refused', () => [file('a/.wh.')], 'refused');
hostile(
  'an opaque mark below a link outward empties nothing there',
  () => [symlink('l', '../canary'), file('l/.wh..wh..opq')],
  nothing,
);
hostile('an opaque mark outside empties nothing there', () => [file('../canary/.wh..wh..opq')], nothing);
hostile('a whiteout does not hide what its own layer has', () => [file('x', 'x'), file('.wh.x')], holds('x', 'x'));
hostile('a whiteout before its own layer has the name', () => [file('.wh.x'), file('x', 'x')], holds('x', 'x'));
hostile(
  'an opaque mark after the contents leaves them',
  () => [{ path: 'd/' }, file('d/x', 'x'), file('d/.wh..wh..opq')],
  holds('d/x', 'x'),
);
hostile(
  'bookkeeping of AUFS is left out',
  () => [file('.wh..wh.plnk/1', 'x'), file('.wh..wh.aufs', 'x')],
  (root) => assert.equal(readdirSync(root), []),
);
hostile('a file below a whiteout is refused', () => [file('.wh.d/x', 'x')], 'refused');
hostile('a device 0:0 is a whiteout and nothing else', () => [device('x', 0, 0), file('x', 'y')], holds('x', 'y'));
hostile('a hard link to a whiteout is refused', () => [device('x', 0, 0), hardlink('l', 'x')], 'refused');

// Names and sizes
hostile('a name of 256 bytes is refused', () => [file('n'.repeat(256), 'x')], 'refused');
hostile('a path of 5,000 bytes is refused', () => [file('d/'.repeat(2500), 'x')], 'refused');
hostile(
  'a very deep path is unpacked or refused, not more',
  () => [file(`${'d/'.repeat(1000)}f`, 'x')],
  holds(`${'d/'.repeat(1000)}f`, 'x'),
);
hostile('a link with an empty target is refused', () => [symlink('l', '')], 'refused');
hostile(
  'names that only differ in case or composition are two files (CVE-2026-23950)',
  () => [file('A', '1'), file('a', '2'), file('\u00e9', '3'), file('e\u0301', '4')],
  (root) => assert.is(readdirSync(root).length, 4),
);

// Attributes
hostile(
  'attributes that overlayfs would obey are not set',
  () => [
    {
      path: 'd/',
      xattrs: {
        'trusted.overlay.opaque': 'eQ==',
        'user.overlay.redirect': 'L2V0Yw==',
        'trusted.overlay.redirect': 'L2V0Yw==',
      },
    },
  ],
  (root) => {
    const getfattr = programPath('getfattr');
    if (getfattr === undefined) return;
    const listing = execFileSync(getfattr, ['-d', '-m', '.*overlay.*', '--absolute-names', join(root, 'd')]);
    assert.is(String(listing), '');
  },
);
