/** Reads an instruction from its syntax tree. */
import {
  getPayload,
  type InstructionCstChildren,
  type InstructionCstNode,
  KEYWORDS,
  type OnbuildCstChildren,
  readInstructionText,
  readTokenText,
  type UnknownCstChildren,
} from '#grammar';
import { readCmd, readEntrypoint, readShell } from './command.ts';
import { readAdd, readCopy } from './copy.ts';
import { readNoFlags } from './flags.ts';
import { readFrom } from './from.ts';
import { readHealthcheck } from './healthcheck.ts';
import type { Instruction, Onbuild } from './instruction.ts';
import { readArg, readEnv, readLabel } from './pairs.ts';
import { type Frame, findTextRange, type Reading, reportError } from './reading.ts';
import { readRun } from './run.ts';
import { readExpose, readMaintainer, readStopSignal, readUser, readVolume, readWorkdir } from './settings.ts';
import { createSuggestionFix } from './text/suggest.ts';

type Comments = Frame['comments'];

/** Returns undefined if the instruction is invalid. Its faults are reported. */
export function readInstruction(
  reading: Reading,
  { children }: InstructionCstNode,
  comments: Comments,
): Instruction | undefined {
  const node = Object.values(children)[0]?.[0];
  if (node === undefined || isBroken(node)) return undefined;
  if (node.name === 'onbuild') return readOnbuild(reading, node.children, comments);
  const frame = createFrame(reading, node.children, comments);
  return readBody(reading, node, frame);
}

/** What an instruction consists of, by its name in the grammar. */
type PartsOf = { readonly [Node in PlainNode as Node['name']]: Node['children'] };
type PlainNode = Exclude<InstructionNode, { readonly name: 'onbuild' }>;

const READERS: {
  readonly [Name in keyof PartsOf]: (reading: Reading, parts: PartsOf[Name], frame: Frame) => Instruction | undefined;
} = {
  from: readFrom,
  arg: readArg,
  env: readEnv,
  label: readLabel,
  run: readRun,
  copy: readCopy,
  add: readAdd,
  expose: readExpose,
  volume: readVolume,
  workdir: readWorkdir,
  user: readUser,
  cmd: readCmd,
  entrypoint: readEntrypoint,
  shell: readShell,
  stopsignal: readStopSignal,
  healthcheck: readHealthcheck,
  maintainer: readMaintainer,
  unknown: reportUnknown,
};

function readBody<Name extends keyof PartsOf>(
  reading: Reading,
  node: { readonly name: Name; readonly children: PartsOf[Name] },
  frame: Frame,
): Instruction | undefined {
  return READERS[node.name](reading, node.children, frame);
}

/** True if the parser skipped a part of the instruction. */
function isBroken(node: InstructionNode): boolean {
  if (node.recoveredNode) return true;
  for (const parts of Object.values(node.children)) {
    for (const part of parts) if ('recoveredNode' in part && part.recoveredNode) return true;
  }
  return false;
}

type InstructionTokens = {
  readonly keyword: OnbuildCstChildren['keyword'];
  readonly LineEnd: OnbuildCstChildren['keyword'];
};

function createFrame(
  reading: Reading,
  { keyword: [keyword], LineEnd: [end] }: InstructionTokens,
  comments: Comments,
): Frame {
  return {
    keyword: readTokenText(keyword!).text,
    source: readInstructionText(keyword!),
    range: reading.rangeOf({ start: keyword!.startOffset, end: end!.startOffset }),
    comments,
  };
}

function readOnbuild(reading: Reading, node: OnbuildCstChildren, comments: Comments): Onbuild | undefined {
  readNoFlags(reading, node.flags[0]);
  const inner = Object.values(node.instruction[0]!.children)[0]?.[0];
  if (inner === undefined || isForbiddenTrigger(reading, inner)) return undefined;
  const trigger = readInstruction(reading, node.instruction[0]!, []);
  if (trigger === undefined) return undefined;
  const keyword = node.keyword[0]!;
  const range = {
    start: reading.rangeOf({ start: keyword.startOffset, end: keyword.startOffset }).start,
    end: trigger.range.end,
  };
  const frame = { keyword: readTokenText(keyword).text, source: readInstructionText(keyword), range, comments };
  return { kind: 'onbuild', ...frame, trigger, text: readTriggerText(keyword, inner) };
}

type InstructionNode = NonNullable<NonNullable<InstructionCstChildren[keyof InstructionCstChildren]>[number]>;

function isForbiddenTrigger(reading: Reading, node: InstructionNode): boolean {
  const text = readTokenText(node.children.keyword[0]!);
  const keyword = text.text.toUpperCase();
  if (keyword !== 'FROM' && keyword !== 'MAINTAINER' && keyword !== 'ONBUILD') return false;
  const message = `\`${keyword}\` cannot be a trigger of \`ONBUILD\``;
  reportError(reading, { code: 'forbidden-trigger', message }, findTextRange(reading, text));
  return true;
}

/** The text that BuildKit stores: the line without `ONBUILD` but with trailing space, and the heredocs with their end lines. */
function readTriggerText(keyword: OnbuildCstChildren['keyword'][number], node: InstructionNode): string {
  const line = getPayload(keyword).line.text.replace(/^[\t\n\f\r ]*onbuild[\t\n\f\r ]*/i, '');
  const bodies = 'HeredocBody' in node.children ? (node.children.HeredocBody ?? []) : [];
  return bodies.reduce((text, token) => {
    const { raw, name } = getPayload(token).heredoc!;
    return `${text}\n${raw}${name}`;
  }, line);
}

function reportUnknown(reading: Reading, node: UnknownCstChildren): undefined {
  const text = readTokenText(node.keyword[0]!);
  const range = reading.rangeOf({ start: node.keyword[0]!.startOffset, end: node.LineEnd[0]!.startOffset });
  if (text.text.trim() === '') {
    return reportError(
      reading,
      { code: 'empty-instruction', message: 'continued line without an instruction' },
      range,
    ) as undefined;
  }
  const keywords = KEYWORDS.map((keyword) => keyword.toUpperCase());
  const place = findTextRange(reading, text);
  const fault = {
    code: 'unknown-instruction',
    message: `unknown instruction \`${text.text}\``,
    ...createSuggestionFix(place, text.text, keywords),
  };
  reportError(reading, fault, place);
}
