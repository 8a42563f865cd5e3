import type { Add, Copy, Heredoc, Instruction, Range } from '../../../instructions/index.ts';
import { listWithTriggers } from '../../lint-file.ts';
import { type Hit, type LintRule, pageOf } from '../../rule.ts';
import { hasLetter } from '../../shell/arguments.ts';
import type { ShellCommand } from '../../shell/commands.ts';
import { readLiteral } from '../base-image-tag.ts';
import { createCommandHit, listRunCommands } from '../run-commands.ts';
import { isHarmfulSetting, isHarmfulVariable, TRUST_FLAGS, type TrustFlag } from './table.ts';

export const TrustDisabled: LintRule = {
  name: 'TrustDisabled',
  description: 'Keep the verification of certificates and signatures; add a missing authority to the build',
  url: pageOf('TrustDisabled'),
  *find(file) {
    for (const where of listRunCommands(file)) {
      const word = wordOf(where.command);
      if (word !== undefined) yield createCommandHit(where, detailOf(word));
    }
    for (const { source, runs } of file.stages) {
      for (const { instruction, scripts } of runs) {
        const isScript = scripts.some(({ kind }) => kind === 'heredoc');
        if (!isScript) yield* findInFiles(instruction, instruction.heredocs);
      }
      for (const instruction of listWithTriggers(source.instructions)) {
        yield* findInVariables(instruction);
        if (instruction.kind === 'copy' || instruction.kind === 'add')
          yield* findInFiles(instruction, heredocsOf(instruction));
      }
    }
  },
};

function detailOf(word: string): string {
  return `\`${word}\` turns verification off: an attacker can replace what is downloaded`;
}

/** The flag, variable or setting in a command that disables a verification. */
function wordOf(command: ShellCommand): string | undefined {
  return flagOf(command) ?? variableOf(command) ?? settingOf(command.args.map(({ text }) => text));
}

function flagOf({ name, args }: ShellCommand): string | undefined {
  if (name === 'apt-key') return ['add', 'adv'].includes(args[0]?.text ?? '') ? `apt-key ${args[0]!.text}` : undefined;
  const row = TRUST_FLAGS.find(({ programs }) => programs.test(name));
  return row && args.flatMap(({ text }) => row.flags.filter((flag) => isFlag(text, flag, row)))[0];
}

function isFlag(word: string, flag: string, { valued = '' }: TrustFlag): boolean {
  if (/^-[A-Za-z]$/.test(flag)) return hasLetter(word, flag[1]!, valued);
  const [name, value = 'true'] = word.split('=', 2);
  return name === flag && value !== 'false';
}

/** The name of a harmful variable: in `NAME=value` before a program, or as an argument of `export` and similar. */
function variableOf({ name, args, assignments }: ShellCommand): string | undefined {
  const exported = /^(?:export|declare|typeset|readonly)$/.test(name) ? args.map(({ text }) => text) : [];
  for (const text of [...assignments, ...exported]) {
    const equals = text.indexOf('=');
    const [variable, value] = [text.slice(0, equals), text.slice(equals + 1)];
    if (equals > 0 && isHarmfulVariable(variable, value)) return variable;
    if (equals > 0 && settingOf([value]) !== undefined) return variable;
  }
  return undefined;
}

/** The name of a harmful setting. Its value is the next piece of text, as in configuration files and flags. */
function settingOf(texts: readonly string[]): string | undefined {
  const pieces = texts
    .flatMap((text) => text.toLowerCase().split(/[\s=:'",;|/[\]()]+/))
    .filter((piece) => piece !== '');
  for (const [at, piece] of pieces.entries()) {
    const value = pieces[at + 1] ?? '';
    const name = piece.slice(piece.lastIndexOf('.') + 1).replace(/^-+/, '');
    if (isHarmfulSetting(name, value)) return name;
  }
  return undefined;
}

function* findInVariables(instruction: Instruction): Iterable<Hit> {
  const variables: { readonly name: string; readonly value: string; readonly range: Range }[] = [];
  if (instruction.kind === 'env') {
    for (const { key, value } of instruction.pairs) {
      variables.push({ name: key.raw, value: readLiteral(value) ?? value.raw, range: value.range });
    }
  }
  if (instruction.kind === 'arg') {
    for (const { name, value } of instruction.args) {
      if (value) variables.push({ name, value: readLiteral(value) ?? value.raw, range: value.range });
    }
  }
  for (const { name, value, range } of variables) {
    if (isHarmfulVariable(name, value) || settingOf([value]) !== undefined) {
      yield { instruction, detail: detailOf(name), range };
    }
  }
}

function heredocsOf({ sources }: Copy | Add): readonly Heredoc[] {
  return sources.flatMap((source) => (source.kind === 'heredoc' ? [source.heredoc] : []));
}

/** Checks heredocs that are written to files in the image: a setting in them affects the programs that run there. */
function* findInFiles(instruction: Instruction, heredocs: readonly Heredoc[]): Iterable<Hit> {
  for (const { content } of heredocs) {
    for (const line of content.split('\n')) {
      const word = line.trimStart().startsWith('#') ? undefined : settingOf([line]);
      if (word === undefined) continue;
      yield { instruction, detail: detailOf(word), range: instruction.range };
      return;
    }
  }
}
