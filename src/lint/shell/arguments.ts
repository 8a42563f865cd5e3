/** Reads the arguments of a command: flags, values of flags, and operands. */
import type { ShellCommand } from './commands.ts';
import type { ShellWord } from './scan.ts';

/** Words that are neither flags nor values of flags. `withValue`: flags whose value is the next word. */
export function operandsOf(args: readonly ShellWord[], withValue: ReadonlySet<string>): readonly ShellWord[] {
  const operands: ShellWord[] = [];
  for (let at = 0; at < args.length; at += 1) {
    const { text } = args[at]!;
    if (text === '--') return [...operands, ...args.slice(at + 1)];
    if (!text.startsWith('-') || text === '-') operands.push(args[at]!);
    else if (withValue.has(text)) at += 1;
  }
  return operands;
}

/** True if one of the flags is present: a long one (with or without a value) or a short one (alone or combined, as in `-qy`). */
export function hasFlag({ args }: Pick<ShellCommand, 'args'>, ...names: readonly string[]): boolean {
  const end = args.findIndex(({ text }) => text === '--');
  return (end < 0 ? args : args.slice(0, end)).some(({ text }) =>
    names.some((name) => {
      if (name.startsWith('--')) return text === name || text.startsWith(`${name}=`);
      return /^-[A-Za-z]+$/.test(text) && text.includes(name.slice(1));
    }),
  );
}

/** True if a word of short flags has the letter (`k` in `-fsSLk`). `valued`: letters that take the rest of the word as value (`-ok`). */
export function hasLetter(word: string, letter: string, valued: string): boolean {
  if (!/^-[A-Za-z]/.test(word)) return false;
  for (const each of word.slice(1)) {
    if (each === letter) return true;
    if (valued.includes(each)) return false;
  }
  return false;
}

/** The value of a flag: `-u 1`, `-u1`, `--uid 1`, `--uid=1`. */
export function findFlagValue(
  { args }: Pick<ShellCommand, 'args'>,
  short: string,
  long: string,
): ShellWord | undefined {
  for (const [at, word] of args.entries()) {
    if (word.text === short || word.text === long) return args[at + 1];
    if (word.text.startsWith(`${long}=`)) return { ...word, text: word.text.slice(long.length + 1) };
    if (word.text.startsWith(short) && !word.text.startsWith('--')) return { ...word, text: word.text.slice(2) };
  }
  return undefined;
}

/** The first operand: `install` of `apt-get -y install curl`. */
export function findSubcommand(args: readonly ShellWord[], withValue: ReadonlySet<string> = new Set()): string {
  return operandsOf(args, withValue)[0]?.text ?? '';
}
