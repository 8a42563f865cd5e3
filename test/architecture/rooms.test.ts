/** Who may import whom (docs/architecture.md). A rule that is broken names every place. */
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { circlesOf } from './circles.ts';
import { OPENS, PICTURE } from './room-table.ts';
import { code, imports, OUTSIDE, roomOf, show, sources } from './source-code.ts';

const test = suite('architecture: rooms');

/** Imports from one room into another. */
const crossings = imports.flatMap((each) => {
  const [from, to] = [roomOf(each.file), roomOf(each.target)];
  return from === undefined || to === undefined || from === to ? [] : [{ ...each, from, to }];
});

test('rooms are opened downwards only', () => {
  const broken = crossings.filter(({ from, to }) => !OPENS.get(from)?.includes(to));
  assert.equal(broken.map(show), []);
});

test('no permission to import is unused', () => {
  const used = new Set(crossings.map(({ from, to }) => `${from} opens ${to}`));
  const listed = [...OPENS].flatMap(([room, opens]) => opens.map((each) => `${room} opens ${each}`));
  assert.equal(
    listed.filter((each) => !used.has(each)),
    [],
  );
});

test('each room has a row, and each row a room', () => {
  const rooms = new Set(sources.flatMap((file) => roomOf(file) ?? []));
  assert.equal([...OPENS.keys()].sort(), [...rooms].sort());
});

test('no rooms open each other in a circle', () => {
  const edges = [...OPENS].flatMap(([room, opens]) => opens.map((each) => [room, each] as const));
  assert.equal(circlesOf(edges), []);
});

test('the picture shows each room once, above or left of what it opens', () => {
  const places = new Map([...OPENS.keys()].map((room) => [room, placesOf(room)]));
  const broken = [...places].filter(([, { length }]) => length !== 1).map(([room, { length }]) => `${room}: ${length}`);
  assert.equal(broken, []);
  const wrong = [...OPENS].flatMap(([room, opens]) =>
    opens
      .filter((each) => !isBefore(places.get(room)![0]!, places.get(each)![0]!))
      .map((each) => `${room} is drawn below ${each}`),
  );
  assert.equal(wrong, []);
});

/** The engine is a corridor: each verb is a door of its own, so that a command loads no other. */
test('rooms are entered by their index', () => {
  const broken = crossings.filter(
    ({ file, target, from, to }) =>
      !['errors', 'limits', 'progress', 'engine'].includes(to) &&
      !(/^(cli|library|daemon\/.*)$/.test(from) && to.startsWith('engine/')) &&
      !/^(src\/[^/]+|src\/(?:engine|daemon)\/[^/]+|grammar)\/index\.ts$/.test(target) &&
      !isBackendCall(file),
  );
  assert.equal(broken.map(show), []);
});

/** Imports of types count: files in a circle can only be understood together. A circle is shown by its imports. */
test('no files import each other in a circle', () => {
  const circles = circlesOf(imports.map(({ file, target }) => [file, target]));
  const within = circles.map((circle) =>
    imports.filter(({ file, target }) => circle.includes(file) && circle.includes(target)),
  );
  assert.equal(
    within.map((circle) => circle.map(show).join(', ')),
    [],
  );
});

/** The executor's two kinds of work are rooms within it. */
test('copy and run of the executor are entered by their index, and copy knows nothing of run', () => {
  const roomIn = (path: string) => /^src\/executor\/(copy|run)\//.exec(path)?.[1];
  const broken = imports.filter(({ file, target }) => {
    const [from, to] = [roomIn(file), roomIn(target)];
    if (to === undefined || from === to) return false;
    return (from === 'copy' && to === 'run') || (file.startsWith('src/') && !target.endsWith('/index.ts'));
  });
  assert.equal(broken.map(show), []);
});

test('the contract is types alone', () => {
  const broken = sources.filter(
    (file) =>
      roomOf(file) === 'api' && /^(?!import type|export type|(export )?(type|interface) |[\s})]|$)/m.test(code(file)),
  );
  assert.equal(broken, []);
});

test('a port never imports its backends', () => {
  const ports = ['store', 'registry', 'snapshot', 'sandbox', 'cache', 'context'];
  const broken = imports.filter(
    ({ file, target }) => ports.some((room) => file === `src/${room}/index.ts`) && touchesOutside(target),
  );
  assert.equal(broken.map(show), []);
});

test('what a build loads before it needs the network has nothing of http in it', () => {
  const loaded = new Set(['src/engine/build/build.ts', 'src/engine/images/pull.ts', 'src/engine/services.ts']);
  for (const file of loaded)
    for (const each of imports) if (each.file === file && !each.isLate && !each.isType) loaded.add(each.target);
  assert.ok(loaded.has('src/engine/context-services.ts'));
  assert.equal(
    [...loaded].filter(
      (file) => file.startsWith('src/http/') || file === 'src/registry/client.ts' || file === 'undici',
    ),
    [],
  );
});

test.run();

interface Place {
  readonly line: number;
  readonly start: number;
  readonly end: number;
}

function placesOf(room: string): readonly Place[] {
  const pattern = new RegExp(`(?<![\\w/-])${room}(?![\\w/-])`, 'g');
  return PICTURE.flatMap((text, line) =>
    Array.from(text.matchAll(pattern), ({ index }) => ({ line, start: index, end: index + room.length })),
  );
}

/** In a line above, or in the same line with arrows all the way. */
function isBefore(a: Place, b: Place): boolean {
  if (a.line !== b.line) return a.line < b.line;
  const between = PICTURE[a.line]!.slice(a.end, b.start);
  return /^(?: ─► [\w/-]+)* ─► $/.test(between);
}

/** Backends have one caller. */
function isBackendCall(file: string): boolean {
  return /^src\/engine\/(services|context-services|cache-services|registry-services)\.ts$/.test(file);
}

function touchesOutside(path: string): boolean {
  return imports.some(({ file, target }) => file === path && OUTSIDE.test(target));
}
