import { scanShell } from '../shell/scan.ts';
import type { FixContext } from './fix-context.ts';

/** Builtins, keywords and assignments, which need a shell. */
const BUILTIN =
  /^(?:\.|:|\[\[?|alias|break|case|cd|command|eval|exec|exit|export|for|if|read|return|set|shift|source|trap|ulimit|umask|until|wait|while|!|\{)$|=/;

/** Converts a command to JSON form, only if it consists of plain words that a shell would not expand or interpret. */
export function fixJsonArgs({ instruction, lintFile }: FixContext) {
  if (instruction.kind !== 'cmd' && instruction.kind !== 'entrypoint') return undefined;
  const { args, range, form, invalidJson } = instruction.command;
  if (form !== 'shell' || invalidJson || lintFile.file.escape !== '\\') return undefined;
  const words = scanShell(args.join(' ')).map((token) =>
    token.kind === 'word' && token.word.isPlain ? token.word.text : undefined,
  );
  const first = words[0];
  if (first === undefined || BUILTIN.test(first) || words.includes(undefined)) return undefined;
  const text = `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
  return { title: `write \`${text}\``, edits: [{ range, text }] };
}
