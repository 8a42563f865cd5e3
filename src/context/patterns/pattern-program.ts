/**
 * Compiles the regular expression that moby/patternmatcher builds from a pattern to a program (automaton.ts): `*` is `[^/]*`, `**`
 * is `(.*\/)?`, or `.*` at the end, all between `^` and `$`. patternmatcher does not escape `|`, `{` and `^`, and passes escapes
 * and brackets on, so these have their meaning in Go.
 */
import type { Instruction, Place } from './automaton.ts';
import { bracketClass, type CharacterTest, escapedClass } from './go-class.ts';

const SLASH = 0x2f;
const LINE_FEED = 0x0a;
/** Go's limit of a count. */
const MOST_TIMES = 1000;
/** Limit for all copies made by counts. Go's own limit is so high that one pattern could take minutes. */
const MOST_COPIES = 10_000;

const isSlash: CharacterTest = (code) => code === SLASH;
const isNoSlash: CharacterTest = (code) => code !== SLASH;
const isNoLineFeed: CharacterTest = (code) => code !== LINE_FEED;
const isStart = ({ before }: Place) => before < 0;
const isEnd = ({ after }: Place) => after < 0;
const isWordEdge = ({ before, after }: Place) => isWord(before) !== isWord(after);
const isNoWordEdge = (place: Place) => !isWordEdge(place);

/** The instruction that a count can repeat; undefined at the start and after a star, where Go allows no count. */
type Single = Extract<Instruction, { op: 'character' | 'assert' }> | undefined;

/** Throws `SyntaxError` where Go finds the regular expression malformed. */
export function patternProgram(pattern: string): readonly Instruction[] {
  const writer = createWriter();
  let last: Single = writer.single({ op: 'assert', holds: isStart });
  for (let at = 0; at < pattern.length; ) {
    const piece = writePiece({ pattern, at }, last, writer);
    last = piece.last;
    at = piece.next;
  }
  writer.single({ op: 'assert', holds: isEnd });
  return writer.finish();
}

interface Piece {
  readonly last: Single;
  readonly next: number;
}

interface PatternPosition {
  readonly pattern: string;
  readonly at: number;
}

function writePiece({ pattern, at }: PatternPosition, last: Single, writer: Writer): Piece {
  const count = countAt(pattern, at);
  if (count !== undefined) {
    writer.repeat(last, count);
    return { last: undefined, next: count.next };
  }
  switch (pattern[at]) {
    case '*':
      return { last: undefined, next: writeStars(pattern, at, writer) };
    case '?':
      return { last: writer.single({ op: 'character', accepts: isNoSlash }), next: at + 1 };
    case '[': {
      const { accepts, next } = bracketClass(pattern, at);
      return { last: writer.single({ op: 'character', accepts }), next };
    }
    case '|':
      writer.alternative();
      return { last: undefined, next: at + 1 };
    case '^':
      return { last: writer.single({ op: 'assert', holds: isStart }), next: at + 1 };
    case '\\':
      return writeEscape(pattern, at, writer);
    default: {
      const code = pattern.codePointAt(at)!;
      const single = writer.single({ op: 'character', accepts: (given) => given === code });
      return { last: single, next: at + (code > 0xffff ? 2 : 1) };
    }
  }
}

/** Repeated `**` means the same as one, so it is written once. */
function writeStars(pattern: string, start: number, writer: Writer): number {
  let at = start;
  let isDeep = false;
  while (pattern.startsWith('**', at)) {
    at += pattern[at + 2] === '/' ? 3 : 2;
    isDeep = true;
  }
  if (isDeep && at === pattern.length) writer.star(isNoLineFeed);
  else if (isDeep) writer.directories();
  else {
    writer.star(isNoSlash);
    at += 1;
  }
  return at;
}

const ASSERTIONS: Readonly<Record<string, (place: Place) => boolean>> = {
  A: isStart,
  z: isEnd,
  b: isWordEdge,
  B: isNoWordEdge,
};

function writeEscape(pattern: string, at: number, writer: Writer): Piece {
  const code = pattern.codePointAt(at + 1);
  if (code === undefined) throw new SyntaxError('trailing \\');
  const char = String.fromCodePoint(code);
  const holds = Object.hasOwn(ASSERTIONS, char) ? ASSERTIONS[char] : undefined;
  const single: NonNullable<Single> =
    holds === undefined ? { op: 'character', accepts: escapedClass(char) } : { op: 'assert', holds };
  return { last: writer.single(single), next: at + 1 + char.length };
}

interface Count {
  readonly least: number;
  /** Infinity if there is none. */
  readonly most: number;
  readonly next: number;
}

/** `{2}`, `{2,}`, `{2,5}`; anything else in braces is text. */
function countAt(pattern: string, at: number): Count | undefined {
  if (pattern[at] !== '{') return undefined;
  const match = /^\{(0|[1-9]\d{0,9})(?:(,)(0|[1-9]\d{0,9})?)?\}/.exec(pattern.slice(at, at + 24));
  if (match === null) return undefined;
  const least = Number(match[1]);
  const most = match[2] === undefined ? least : Number(match[3] ?? Number.POSITIVE_INFINITY);
  if (least > MOST_TIMES || (Number.isFinite(most) && most > MOST_TIMES) || least > most) {
    throw new SyntaxError(`invalid repeat count ${match[0]}`);
  }
  return { least, most, next: at + match[0].length };
}

function isWord(code: number): boolean {
  return code >= 0 && /^\w$/.test(String.fromCodePoint(code));
}

type Writer = ReturnType<typeof createWriter>;

/** Instructions use relative distances, so that written code can be moved. */
function createWriter() {
  const alternatives: Instruction[][] = [[]];
  let copies = 0;
  const write = (...instructions: readonly Instruction[]) => alternatives.at(-1)!.push(...instructions);
  return {
    single<S extends Instruction>(instruction: S): S {
      write(instruction);
      return instruction;
    },
    star: (accepts: CharacterTest) => write(...starOf({ op: 'character', accepts })),
    directories: () =>
      write({ op: 'both', by: 5 }, ...starOf({ op: 'character', accepts: isNoLineFeed }), {
        op: 'character',
        accepts: isSlash,
      }),
    alternative: () => alternatives.push([]),
    /** Repeats the last instruction. */
    repeat(single: Single, { least, most }: Count): void {
      if (single === undefined) throw new SyntaxError('a count follows nothing that can be repeated');
      copies += Number.isFinite(most) ? most : least;
      if (copies > MOST_COPIES) throw new SyntaxError('counts make the expression too large');
      alternatives.at(-1)!.pop();
      for (let times = 0; times < least; times += 1) write(single);
      if (!Number.isFinite(most)) write(...starOf(single));
      else for (let times = least; times < most; times += 1) write({ op: 'both', by: 2 }, single);
    },
    finish: () => joinAlternatives(alternatives),
  };
}

function starOf(single: Instruction): readonly Instruction[] {
  return [{ op: 'both', by: 3 }, single, { op: 'jump', by: -2 }];
}

/** Runs all alternatives in parallel. Each ends at the same match. */
function joinAlternatives(alternatives: readonly (readonly Instruction[])[]): readonly Instruction[] {
  const program: Instruction[] = [];
  const size = alternatives.reduce((sum, body) => sum + body.length + 2, 0);
  for (const body of alternatives) {
    program.push({ op: 'both', by: body.length + 2 });
    for (const instruction of body) program.push(instruction);
    program.push({ op: 'jump', by: size - program.length });
  }
  // No alternative follows the last one.
  program[size - alternatives.at(-1)!.length - 2] = { op: 'jump', by: 1 };
  return [...program, { op: 'match' }];
}
