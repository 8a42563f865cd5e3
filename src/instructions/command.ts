/** CMD, ENTRYPOINT, SHELL, and the command of RUN and HEALTHCHECK: shell form or exec form. */
import {
  type CmdCstChildren,
  type CommandCstNode,
  type EntrypointCstChildren,
  getPayload,
  readTokenText,
  type ShellCstChildren,
  type Span,
} from '#grammar';
import { readNoFlags } from './flags.ts';
import type { Cmd, CommandLine, Entrypoint, Shell } from './instruction.ts';
import { type Frame, findTextRange, type Reading, reportError } from './reading.ts';

export function readCmd(reading: Reading, node: CmdCstChildren, frame: Frame): Cmd | undefined {
  readNoFlags(reading, node.flags[0]);
  const command = readCommand(reading, node.command[0]!, frame);
  return command && { kind: 'cmd', ...frame, command };
}

export function readEntrypoint(reading: Reading, node: EntrypointCstChildren, frame: Frame): Entrypoint | undefined {
  readNoFlags(reading, node.flags[0]);
  const command = readCommand(reading, node.command[0]!, frame);
  return command && { kind: 'entrypoint', ...frame, command };
}

/** SHELL has no shell form, because it defines the shell. */
export function readShell(reading: Reading, node: ShellCstChildren, frame: Frame): Shell | undefined {
  readNoFlags(reading, node.flags[0]);
  const command = readCommand(reading, node.command[0]!, frame);
  if (command === undefined) return undefined;
  if (command.form === 'exec' && command.args.length > 0) return { kind: 'shell', ...frame, command };
  const message = '`SHELL` needs a JSON array with at least one string';
  const hint = 'write `SHELL ["/bin/sh", "-c"]`';
  reportError(reading, { code: 'shell-not-json', message, hint }, command.range);
  return undefined;
}

/** A missing command is the shell form with an empty text. */
export function readCommand(reading: Reading, { children }: CommandCstNode, frame: Frame): CommandLine | undefined {
  const token = children.ExecForm?.[0] ?? children.Text?.[0];
  if (token === undefined) return { form: 'shell', args: [''], range: frame.range };
  const { elements } = getPayload(token);
  const text = readTokenText(token);
  const range = findTextRange(reading, text);
  if (elements === 'not-strings')
    return reportNotStrings(reading, { start: range.start.offset, end: range.end.offset });
  if (elements !== undefined) return { form: 'exec', args: elements.map(({ value }) => value), range };
  const command: CommandLine = { form: 'shell', args: [text.text], range };
  return text.text.startsWith('[') ? { ...command, invalidJson: true } : command;
}

export function reportNotStrings(reading: Reading, span: Span): undefined {
  const message = 'a JSON array of arguments must contain strings only';
  reportError(
    reading,
    { code: 'json-not-strings', message, hint: 'write every element in double quotes' },
    reading.rangeOf(span),
  );
}
