import { type MappedText, payloadOf, type RunCstChildren } from '#grammar';
import { parseBool } from '../notation/index.ts';
import { readCommand } from './command.ts';
import { readFlags } from './flags.ts';
import { readHeredoc } from './heredoc.ts';
import type { FlagOption, Run, RunDevice, Word } from './instruction.ts';
import { readMount, readOptions } from './mount.ts';
import { type Frame, given, type Reading, reportError, wordOf } from './reading.ts';
import { didYouMeanAt } from './text/suggest.ts';

const FLAGS = { mount: 'texts', network: 'text', security: 'text', device: 'texts' } as const;

export function readRun(reading: Reading, node: RunCstChildren, frame: Frame): Run | undefined {
  const flags = readFlags(reading, node.flags[0], FLAGS);
  const command = readCommand(reading, node.command[0]!, frame);
  if (command === undefined) return undefined;
  return {
    kind: 'run',
    ...frame,
    command,
    heredocs: (node.HeredocBody ?? []).map((token) => readHeredoc(reading, payloadOf(token).heredoc!)),
    mounts: flags.mount.flatMap((text) => readMount(reading, text) ?? []),
    ...given('network', readChoice(reading, flags.network, 'network mode', ['default', 'none', 'host'])),
    ...given('security', readChoice(reading, flags.security, 'security mode', ['sandbox', 'insecure'])),
    devices: flags.device.flatMap((text) => readDevice(reading, text) ?? []),
  };
}

/** These flags take no variables. */
function readChoice(
  reading: Reading,
  text: MappedText | undefined,
  what: string,
  choices: readonly string[],
): Word | undefined {
  if (text === undefined) return undefined;
  const word = wordOf(reading, text);
  if (choices.includes(text.text)) return word;
  const fallback = { hint: `it is one of ${choices.join(', ')}` };
  const fault = { code: 'invalid-flag-value', message: `invalid ${what} \`${text.text}\``, ...fallback };
  reportError(reading, { ...fault, ...didYouMeanAt(word.range, text.text, choices) }, word.range);
  return undefined;
}

/** `vendor.com/kind=name[,required]`: one name, in whatever place. */
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
  const word = wordOf(reading, text);
  const device = { word, required: required !== undefined && isRequired(reading, required) };
  if (!device.required) noteMissingDevice(reading, device);
  return device;
}

/** A step that merely wants a device runs without, which its author should know. */
function noteMissingDevice(reading: Reading, { word }: RunDevice): void {
  const message = `device \`${word.raw}\` is not given to the step: there are no devices here`;
  reading.report({ severity: 'warning', code: 'ignored-device', message, range: word.range });
}

/** `required`, `required=true` and what else Go takes for a truth. */
function isRequired(reading: Reading, { value, range }: FlagOption): boolean {
  const text = value?.raw ?? 'true';
  const required = parseBool(text);
  if (required !== undefined) return required;
  const message = `\`required\` is true or false, not \`${text}\``;
  reportError(reading, { code: 'invalid-device', message }, range);
  return false;
}
