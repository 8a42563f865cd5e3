/**
 * Runs the program of a pattern over a text, with all threads in parallel. The time is at most length of the text times size of the
 * program. As in RE2, the next set of threads is cached for each set and character, so that most characters cost one look-up.
 */

/** One step of a thread. The thread continues at the next instruction, and with `by` (also) at that distance. */
export type Instruction =
  | { readonly op: 'character'; readonly accepts: (code: number) => boolean }
  | { readonly op: 'both'; readonly by: number }
  | { readonly op: 'jump'; readonly by: number }
  | { readonly op: 'assert'; readonly holds: (place: Place) => boolean }
  | { readonly op: 'match' };

/** A position between two characters, which are -1 beyond the ends of the text. */
export interface Place {
  readonly before: number;
  readonly after: number;
}

/** Most cached sets of threads; then the cache is cleared. A hostile text can create a new set at each character. */
const MOST_STATES = 2000;
/** Larger sets come from hostile patterns. They seldom repeat, and computing them again is cheaper than a look-up. */
const MOST_THREADS = 40;
const ASCII = 128;

/** A set of threads between two characters, and the character before if assertions need it. */
interface State {
  readonly threads: readonly number[];
  readonly before: number;
  readonly ascii: (Outcome | undefined)[];
  readonly others: Map<number, Outcome>;
}

type Outcome = State | 'match';

/** Creates a test that is true if the program matches anywhere in a text. Reuse it for many texts. */
export function createSearch(program: readonly Instruction[]): (text: string) => boolean {
  const asks = program.some(({ op }) => op === 'assert');
  const run = createRun(program);
  let memory = createMemory();
  const advance = (state: State, code: number): Outcome => {
    const threads = run(state.threads, { before: state.before, after: code });
    const next = threads === 'match' ? threads : memory.find(threads, asks ? code : 0);
    if (state.threads.length > MOST_THREADS) return next;
    if (code >= 0 && code < ASCII) state.ascii[code] = next;
    else state.others.set(code, next);
    return next;
  };
  return (text) => {
    if (memory.isFull()) memory = createMemory();
    let state = memory.start;
    for (let at = 0; at <= text.length; ) {
      const unit = at < text.length ? text.charCodeAt(at) : -1;
      const code = unit < 0xd800 ? unit : text.codePointAt(at)!;
      const known = code >= 0 && code < ASCII ? state.ascii[code] : state.others.get(code);
      const next = known ?? advance(state, code);
      if (next === 'match') return true;
      state = next;
      at += code > 0xffff ? 2 : 1;
      if (memory.isFull()) memory = createMemory();
    }
    return false;
  };
}

interface Memory {
  readonly start: State;
  find(threads: readonly number[], before: number): State;
  isFull(): boolean;
}

function createMemory(): Memory {
  const states = new Map<string, State>();
  const find = (threads: readonly number[], before: number): State => {
    const state: State = { threads, before, ascii: [], others: new Map() };
    if (threads.length > MOST_THREADS) return state;
    const name = `${before}:${threads.toSorted((a, b) => a - b).join()}`;
    const known = states.get(name);
    if (known === undefined) states.set(name, state);
    return known ?? state;
  };
  return { start: find([], -1), find, isFull: () => states.size > MOST_STATES };
}

type Run = (threads: readonly number[], place: Place) => readonly number[] | 'match';

/** Advances the threads, and a new one that starts here, to their next characters, and over the next character if it matches. */
function createRun(program: readonly Instruction[]): Run {
  const seen = new Uint32Array(program.length);
  let round = 0;
  return (threads, place) => {
    round += 1;
    const passed: number[] = [];
    const open = [...threads, 0];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen[at] === round) continue;
      seen[at] = round;
      const instruction = program[at]!;
      if (instruction.op === 'match') return 'match';
      if (instruction.op === 'character') {
        if (place.after >= 0 && instruction.accepts(place.after)) passed.push(at + 1);
      } else if (instruction.op === 'assert') {
        if (instruction.holds(place)) open.push(at + 1);
      } else if (instruction.op === 'jump') open.push(at + instruction.by);
      else open.push(at + instruction.by, at + 1);
    }
    return passed;
  };
}
