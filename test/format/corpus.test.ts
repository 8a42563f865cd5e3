import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatBuildFile } from '../../src/format/index.ts';
import { type BuildFile, type Instruction, parseBuildFile } from '../../src/instructions/index.ts';
import { programPath, withNeeds } from '../support/needs.ts';

/** What must hold for every build file: those of the fixtures, those of `MKIMAGE_CONFORMANCE`, and made-up ones. */
const test = suite('formatter on real files');
const withBash = withNeeds(test, { programs: ['bash'] });
const folders = [
  'fixtures',
  ...(process.env.MKIMAGE_CONFORMANCE === undefined ? [] : [process.env.MKIMAGE_CONFORMANCE]),
];
const texts = folders.flatMap(buildFilesIn);
const RUNS = Number(process.env.MKIMAGE_FUZZ ?? 300);

test('formats once and for all', () => {
  const broken = texts.filter(([, text]) => {
    const once = formatted(text);
    return once !== undefined && formatted(once) !== once;
  });
  assert.equal(
    broken.map(([path]) => path),
    [],
  );
  assert.ok(texts.length > 30);
});

test('changes nothing that a file says', () => {
  const broken = texts.filter(([, text]) => {
    const after = formatted(text);
    return after !== undefined && said(parseBuildFile(after)) !== said(parseBuildFile(text));
  });
  assert.equal(
    broken.map(([path]) => path),
    [],
  );
});

/** The judge is bash: it prints a command as it understands it. */
withBash('changes no command, as a shell reads it', () => {
  const changed = texts.flatMap(([path, text]) => {
    const after = formatted(text);
    if (after === undefined) return [];
    const [olds, news] = [commandsOf(parseBuildFile(text)), commandsOf(parseBuildFile(after))];
    return olds.flatMap((old, index) => (old === news[index] ? [] : [{ path, old, new: news[index] ?? '' }]));
  });
  assert.ok(changed.length > 0);
  const before = asBashReads(changed.map(({ old }) => old));
  const after = asBashReads(changed.map((each) => each.new));
  assert.equal(
    changed.filter((_, index) => before[index] !== after[index]),
    [],
  );
});

test('holds for whatever can be typed', () => {
  const seeds = texts.map(([, text]) => text).filter((text) => text.length < 4000);
  const mutation = fc.tuple(
    fc.nat(),
    fc.nat(3),
    fc.constantFrom(' ', '\\\n', '"', "'", '\n', '  \\\n\t', '#', '\\', '`', '\r'),
  );
  fc.assert(
    fc.property(fc.constantFrom(...seeds), fc.array(mutation, { maxLength: 6 }), (seed, mutations) => {
      const text = mutations.reduce((now, [at, cut, put]) => {
        const place = at % (now.length + 1);
        return now.slice(0, place) + put + now.slice(place + cut);
      }, seed);
      const once = formatted(text);
      if (once === undefined) return;
      assert.is(formatted(once), once);
      assert.is(said(parseBuildFile(once)), said(parseBuildFile(text)));
    }),
    { numRuns: RUNS },
  );
});

function formatted(text: string): string | undefined {
  const result = formatBuildFile(text);
  return result.kind === 'formatted' ? result.text : undefined;
}

function buildFilesIn(folder: string): (readonly [path: string, text: string])[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /dockerfile|containerfile/i.test(entry.name) && !entry.name.endsWith('ignore'))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [path, readFileSync(path, 'utf8')]);
}

/** Everything but places and the case of keywords; what a shell is to read, without any blank. */
function said(file: BuildFile): string {
  const { instructions, directives } = file;
  return JSON.stringify({ instructions, directives, escape: file.escape }, (name, value: unknown) => {
    if (name === 'range' || name === 'source') return undefined;
    if (name === 'keyword') return String(value).toUpperCase();
    const isTrigger = typeof value === 'object' && value !== null && 'trigger' in value;
    if (isTrigger) return { ...value, text: undefined };
    const isShell = typeof value === 'object' && value !== null && 'form' in value && value.form === 'shell';
    return isShell
      ? JSON.stringify(value)
          .replace(/\s|\\t/g, '')
          .replace(/"range".*/, '')
      : value;
  });
}

function commandsOf({ instructions }: BuildFile): readonly string[] {
  return instructions.flatMap((each) => commandOf(each.kind === 'onbuild' ? each.trigger : each) ?? []);
}

function commandOf(instruction: Instruction): string | undefined {
  if (!('command' in instruction) || instruction.command?.form !== 'shell') return undefined;
  const heredocs = instruction.kind === 'run' ? instruction.heredocs : [];
  return [instruction.command.args[0], ...heredocs.map(({ content, name }) => content + name)].join('\n');
}

/** What bash cannot read is compared as it stands. */
function asBashReads(commands: readonly string[]): readonly string[] {
  const script = `while IFS= read -r -d '' text; do
    unset -f f
    if eval "f() {
$text
}" 2>/dev/null; then declare -f f; else printf '%s' "$text" | tr -d ' \\t'; fi
    printf '\\0'
  done`;
  const input = commands.map((command) => `${command}\0`).join('');
  const { stdout } = spawnSync(programPath('bash')!, ['-O', 'extglob', '-c', script], { input, encoding: 'utf8' });
  return stdout.split('\0').slice(0, -1);
}

test.run();
