import { getPayload, type HealthcheckCstChildren, type MappedText, readTokenText } from '#grammar';
import { readCommand } from './command.ts';
import { readFlags, warnAboutFlags } from './flags.ts';
import type { Healthcheck } from './instruction.ts';
import { createOptionalMember, type Frame, findTextRange, type Reading, reportError } from './reading.ts';
import { parseDuration } from './text/duration.ts';
import { createSuggestionFix } from './text/suggest.ts';

const FLAGS = {
  interval: 'text',
  timeout: 'text',
  'start-period': 'text',
  'start-interval': 'text',
  retries: 'text',
} as const;
/** Shortest valid duration in nanoseconds. 0 is valid too and means the default. */
const SHORTEST = 1_000_000;

export function readHealthcheck(reading: Reading, node: HealthcheckCstChildren, frame: Frame): Healthcheck | undefined {
  const type = readTokenText(node.HealthType[0]!);
  const kind = type.text.toUpperCase();
  if (kind === 'NONE') return readNone(reading, node, frame);
  if (kind === 'CMD') return readCheck(reading, node, frame);
  const message = `unknown health check type \`${type.text}\``;
  const fault = { code: 'unknown-health-check', message, hint: 'write `CMD` and a command, or `NONE`' };
  const range = findTextRange(reading, type);
  reportError(reading, { ...fault, ...createSuggestionFix(range, type.text, ['CMD', 'NONE']) }, range);
  return undefined;
}

function readNone(reading: Reading, node: HealthcheckCstChildren, frame: Frame): Healthcheck | undefined {
  warnAboutFlags(reading, node.flags[0], 'HEALTHCHECK NONE');
  const { ExecForm, Text } = node.command[0]!.children;
  const extra = ExecForm?.[0] ?? Text?.[0];
  const hasArguments = extra !== undefined && getPayload(extra).elements?.length !== 0;
  if (!hasArguments) return { kind: 'healthcheck', ...frame };
  const text = readTokenText(extra);
  reportError(
    reading,
    { code: 'extra-argument', message: '`HEALTHCHECK NONE` takes no arguments' },
    findTextRange(reading, text),
  );
  return undefined;
}

function readCheck(reading: Reading, node: HealthcheckCstChildren, frame: Frame): Healthcheck | undefined {
  const flags = readFlags(reading, node.flags[0], FLAGS);
  const command = readCommand(reading, node.command[0]!, frame);
  if (command === undefined) return undefined;
  if (command.args.length === 0 || (command.form === 'shell' && command.args[0] === '')) {
    reportError(reading, { code: 'missing-argument', message: '`HEALTHCHECK CMD` needs a command' }, frame.range);
    return undefined;
  }
  return {
    kind: 'healthcheck',
    ...frame,
    command,
    ...createOptionalMember('interval', readDuration(reading, flags.interval)),
    ...createOptionalMember('timeout', readDuration(reading, flags.timeout)),
    ...createOptionalMember('startPeriod', readDuration(reading, flags['start-period'])),
    ...createOptionalMember('startInterval', readDuration(reading, flags['start-interval'])),
    ...createOptionalMember('retries', readRetries(reading, flags.retries)),
  };
}

function readDuration(reading: Reading, text: MappedText | undefined): number | undefined {
  if (text === undefined || text.text === '') return undefined;
  const duration = parseDuration(text.text);
  if (duration !== undefined && (duration === 0 || duration >= SHORTEST)) return duration;
  const fault =
    duration === undefined
      ? { message: `invalid duration \`${text.text}\``, hint: 'write a number and a unit, as in `30s` or `1m30s`' }
      : { message: `duration \`${text.text}\` is less than 1ms` };
  reportError(reading, { code: 'invalid-duration', ...fault }, findTextRange(reading, text));
  return undefined;
}

function readRetries(reading: Reading, text: MappedText | undefined): number | undefined {
  if (text === undefined || text.text === '') return undefined;
  const retries = /^[+-]?\d+$/.test(text.text) ? Number(text.text) : Number.NaN;
  if (retries >= 0 && retries < 2 ** 31) return retries;
  const message = `invalid number of retries \`${text.text}\``;
  reportError(
    reading,
    { code: 'invalid-retries', message, hint: 'use a whole number, 0 or more' },
    findTextRange(reading, text),
  );
  return undefined;
}
