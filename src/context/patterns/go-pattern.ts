/**
 * Go's `filepath.Match` on slash-separated names, for the wildcards of COPY and ADD. `*` and `?` do not match a slash, a bracket
 * expression can. A chunk between stars matches at its first possible position, without backtracking.
 */

type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'class'; readonly negated: boolean; readonly ranges: readonly (readonly [number, number])[] };

/** The part between two stars. A malformed chunk is reported only when the match reaches it. */
interface Chunk {
  readonly star: boolean;
  readonly parts: readonly Part[] | undefined;
}

export interface GoPattern {
  /** True if the whole name matches. As in Go, a malformed pattern does not match when the match reaches the fault. */
  matches(name: string): boolean;
}

/** Compiles a pattern for many names. */
export function compileGoPattern(pattern: string): GoPattern {
  const chunks = chunksOf(pattern);
  return { matches: (name) => outcome(chunks, name) === 'match' };
}

/** True if the whole name matches. */
export function matchGoPattern(pattern: string, name: string): boolean {
  return compileGoPattern(pattern).matches(name);
}

/** The result of Go for one name. Some faults are not found, because the match fails before them. */
export function goMatchOutcome(pattern: string, name: string): 'match' | 'no match' | 'malformed' {
  return outcome(chunksOf(pattern), name);
}

/** True if the text has an unescaped `*`, `?` or `[`. */
export function hasWildcards(text: string): boolean {
  return /[*?[]/.test(text.replace(/\\./gsu, ''));
}

function outcome(chunks: readonly Chunk[], name: string): 'match' | 'no match' | 'malformed' {
  let at = 0;
  for (const [index, chunk] of chunks.entries()) {
    if (chunk.parts === undefined) return 'malformed';
    if (chunk.star && chunk.parts.length === 0) return name.includes('/', at) ? 'no match' : 'match';
    const end = firstFit({ parts: chunk.parts, star: chunk.star }, name, {
      from: at,
      last: index === chunks.length - 1,
    });
    if (end === undefined) return 'no match';
    at = end;
  }
  return at === name.length ? 'match' : 'no match';
}

interface FixedChunk {
  readonly parts: readonly Part[];
  readonly star: boolean;
}

interface Bounds {
  readonly from: number;
  readonly last: boolean;
}

/** The end of the chunk at its first possible position. The last chunk must reach the end of the name. */
function firstFit({ parts, star }: FixedChunk, name: string, { from, last }: Bounds): number | undefined {
  for (let start = from; ; start++) {
    const end = endOf(parts, name, start);
    if (end !== undefined && (end === name.length || !last)) return end;
    if (!star || start >= name.length || name[start] === '/') return undefined;
  }
}

function endOf(parts: readonly Part[], name: string, start: number): number | undefined {
  let at = start;
  for (const part of parts) {
    if (part.kind === 'text') {
      if (!name.startsWith(part.text, at)) return undefined;
      at += part.text.length;
      continue;
    }
    const code = name.codePointAt(at);
    if (code === undefined || !accepts(part, code)) return undefined;
    at += code > 0xffff ? 2 : 1;
  }
  return at;
}

function accepts(part: Exclude<Part, { kind: 'text' }>, code: number): boolean {
  if (part.kind === 'any') return code !== 0x2f;
  return part.ranges.some(([low, high]) => low <= code && code <= high) !== part.negated;
}

function chunksOf(pattern: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  for (let rest = pattern; rest !== ''; ) {
    const body = rest.replace(/^\*+/, '');
    const length = chunkLength(body);
    chunks.push({ star: body !== rest, parts: partsOf([...body.slice(0, length)]) });
    rest = body.slice(length);
  }
  return chunks;
}

/** Length up to the next star that is neither escaped nor in brackets. */
function chunkLength(text: string): number {
  let inBrackets = false;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at++;
    else if (char === '[') inBrackets = true;
    else if (char === ']') inBrackets = false;
    else if (char === '*' && !inBrackets) return at;
  }
  return text.length;
}

/** The chunk's parts, or undefined if it is malformed. */
function partsOf(chars: readonly string[]): readonly Part[] | undefined {
  const parts: Part[] = [];
  for (let at = 0; at < chars.length; at++) {
    const char = chars[at]!;
    if (char === '[') {
      const bracket = bracketAt(chars, at + 1);
      if (bracket === undefined) return undefined;
      parts.push(bracket.part);
      at = bracket.end;
    } else if (char === '?') {
      parts.push({ kind: 'any' });
    } else {
      const text = char === '\\' ? chars[++at] : char;
      if (text === undefined) return undefined;
      parts.push({ kind: 'text', text });
    }
  }
  return parts;
}

/** Parses the bracket expression with its first character at `start`. `end` is the index of its `]`. It needs at least one range. */
function bracketAt(chars: readonly string[], start: number): { part: Part; end: number } | undefined {
  const negated = chars[start] === '^';
  const ranges: [number, number][] = [];
  let at = negated ? start + 1 : start;
  while (chars[at] !== ']' || ranges.length === 0) {
    const low = rangeEndAt(chars, at);
    if (low === undefined) return undefined;
    const high = chars[low.next] === '-' ? rangeEndAt(chars, low.next + 1) : low;
    if (high === undefined) return undefined;
    ranges.push([low.code, high.code]);
    at = high.next;
  }
  return { part: { kind: 'class', negated, ranges }, end: at };
}

function rangeEndAt(chars: readonly string[], at: number): { code: number; next: number } | undefined {
  const first = chars[at];
  if (first === undefined || first === '-' || first === ']') return undefined;
  const position = first === '\\' ? at + 1 : at;
  const char = chars[position];
  // A range cannot end the pattern, because the closing bracket must follow.
  if (char === undefined || position + 1 >= chars.length) return undefined;
  return { code: char.codePointAt(0)!, next: position + 1 };
}
