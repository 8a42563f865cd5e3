/** Checks of label keys. */
import type { KeyValue, Label } from '../../../instructions/index.ts';
import { type LintFile, type LintStage, listWithTriggers } from '../../lint-file.ts';
import { type LintRule, pageOf } from '../../rule.ts';

export interface LabelPair {
  readonly instruction: Label;
  readonly pair: KeyValue;
  /** The key without quotes. Variables are not expanded. */
  readonly key: string;
}

export function* labelsOf({ source }: LintStage): Iterable<LabelPair> {
  for (const instruction of listWithTriggers(source.instructions)) {
    if (instruction.kind !== 'label') continue;
    for (const pair of instruction.pairs) yield { instruction, pair, key: removeQuotes(pair.key.raw) };
  }
}

export function removeQuotes(raw: string): string {
  return /^(["']).*\1$/s.test(raw) ? raw.slice(1, -1) : raw;
}

export const LabelKey: LintRule = {
  name: 'LabelKey',
  code: 'DL3048',
  description: 'Use only lower-case letters, digits, dots and hyphens in label keys',
  url: pageOf('LabelKey'),
  *find({ stages }) {
    for (const stage of stages) {
      for (const { instruction, pair, key } of labelsOf(stage)) {
        const why = faultOf(key);
        if (why !== undefined) yield { instruction, detail: `label \`${key}\` ${why}`, range: pair.key.range };
      }
    }
  },
};

const RESERVED = ['com.docker.', 'io.docker.', 'org.dockerproject.'];

function faultOf(key: string): string | undefined {
  if (RESERVED.some((prefix) => key.startsWith(prefix))) return 'is in a namespace that is reserved for Docker';
  if (!/^[a-z]/.test(key)) return 'does not begin with a lower-case letter';
  if (!/[a-z0-9]$/.test(key)) return 'does not end with a lower-case letter or a digit';
  if (!/^[a-z0-9.-]+$/.test(key)) return 'has characters other than `a` to `z`, digits, `.` and `-`';
  return /\.\.|--/.test(key) ? 'has two dots or hyphens in a row' : undefined;
}

export const LabelMissing: LintRule = {
  name: 'LabelMissing',
  code: 'DL3049',
  description: 'Set the labels that the settings require',
  url: pageOf('LabelMissing'),
  *find(file) {
    if (file.settings.labelSchema.size === 0) return;
    for (const stage of file.stages) {
      const present = new Set<string>();
      for (let at: LintStage | undefined = stage; at; at = at.base)
        for (const { key } of labelsOf(at)) present.add(key);
      yield* findMissing(file, stage, present);
    }
  },
};

function* findMissing({ settings }: LintFile, { source: { from } }: LintStage, present: ReadonlySet<string>) {
  for (const label of settings.labelSchema.keys()) {
    if (!present.has(label)) yield { instruction: from, detail: `label \`${label}\` is missing`, range: from.range };
  }
}

export const LabelUnknown: LintRule = {
  name: 'LabelUnknown',
  code: 'DL3050',
  description: 'Set only labels that the settings list',
  url: pageOf('LabelUnknown'),
  *find({ stages, settings: { strictLabels, labelSchema } }) {
    if (!strictLabels) return;
    for (const stage of stages) {
      for (const { instruction, pair, key } of labelsOf(stage)) {
        if (labelSchema.has(key)) continue;
        yield { instruction, detail: `label \`${key}\` is not in the settings`, range: pair.key.range };
      }
    }
  },
};
