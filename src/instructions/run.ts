import { getPayload, type MappedText, type RunCstChildren } from '#grammar';
import { parseBool } from '../notation/index.ts';
import { readCommand } from './command.ts';
import { readFlags } from './flags.ts';
import { readHeredoc } from './heredoc.ts';
import type { FlagOption, Run, RunDevice, Word } from './instruction.ts';
import { readMountFlag, readOptions } from './mount.ts';
import { createOptionalMember, type Frame, type Reading, readWord, reportError } from './reading.ts';
import { createSuggestionFix } from './text/suggest.ts';

const FLAGS = { mount: 'texts', network: 'text', security: 'text', device: 'texts' } as const;

export function readRun(reading: Reading, node: RunCstChildren, frame: Frame): Run | undefined {
  const flags = readFlags(reading, node.flags[0], FLAGS);
  const command = readCommand(reading, node.command[0]!, frame);
  if (command === undefined) return undefined;
  return {
    kind: 'run',
    ...frame,
    command,
    heredocs: (node.HeredocBody ?? []).map((token) => readHeredoc(reading, getPayload(token).heredoc!)),
    mounts: flags.mount.flatMap((text) => readMountFlag(reading, text) ?? []),
    ...createOptionalMember(
      'network',
      readChoice(reading, flags.network, { what: 'network mode', choices: ['default', 'none', 'host'] }),
    ),
    ...createOptionalMember(
      'security',
      readChoice(reading, flags.security, { what: 'security mode', choices: ['sandbox', 'insecure'] }),
    ),
    devices: flags.device.flatMap((text) => readDevice(reading, text) ?? []),
  };
}

/** Variables are not expanded in these flags. */
function readChoice(
  reading: Reading,
  text: MappedText | undefined,
  { what, choices }: { readonly what: string; readonly choices: readonly string[] },
): Word | undefined {
  if (text === undefined) return undefined;
  const word = readWord(reading, text);
  if (choices.includes(text.text)) return word;
  const fallback = { hint: `use one of ${choices.join(', ')}` };
  const fault = { code: 'invalid-flag-value', message: `invalid ${what} \`${text.text}\``, ...fallback };
  reportError(reading, { ...fault, ...createSuggestionFix(word.range, text.text, choices) }, word.range);
  return undefined;
}

/** `vendor.com/kind=name[,required]`: one name, at any position. */
function readDevice(reading: Reading, text: MappedText): RunDevice | undefined {
  const options = readOptions(reading, text);
  if (options === undefined) return undefined;
  const names = options.filter(({ key }) => key !== 'required');
  if (names.length > 1) {
    const message = `device \`${text.text}\` has more than one name`;
    reportError(reading, { code: 'invalid-device', message }, names[1]!.range);
    return undefined;
  }
  const required = options.filter(({ key }) => key === 'required').at(-1);
  const word = readWord(reading, text);
  const device = { word, required: required !== undefined && isRequired(reading, required) };
  if (!device.required) warnAboutMissingDevice(reading, device);
  return device;
}

/** Warns that the step runs without an optional device. */
function warnAboutMissingDevice(reading: Reading, { word }: RunDevice): void {
  const message = `device \`${word.raw}\` is ignored: devices are not supported`;
  reading.report({ severity: 'warning', code: 'ignored-device', message, range: word.range });
}

/** `required`, `required=true`, and other boolean values of Go. */
function isRequired(reading: Reading, { value, range }: FlagOption): boolean {
  const text = value?.raw ?? 'true';
  const required = parseBool(text);
  if (required !== undefined) return required;
  const message = `\`required\` must be true or false, not \`${text}\``;
  reportError(reading, { code: 'invalid-device', message }, range);
  return false;
}
