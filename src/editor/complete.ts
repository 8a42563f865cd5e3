/** Completes the text at the cursor. Works on the text of the line, because an incomplete line is usually invalid. */
import { completeMount } from './complete-mount.ts';
import { completeOperand } from './complete-operand.ts';
import { type Completion, type CompletionItem, createDescribedItems, createItems } from './completion-item.ts';
import type { EditorDocument } from './document.ts';
import { findPlace, type Place } from './place.ts';
import { findEntry, REFERENCE } from './reference.ts';
import { createStageItems } from './stage-items.ts';
import { findVariablesAt } from './variables.ts';

export function complete(document: EditorDocument, offset: number): Completion {
  const place = findPlace(document, offset);
  const found = completeVariable(document, offset, place) ?? completeAtPlace(document, offset, place);
  const { typed, ...completion } = found;
  return { ...completion, span: { start: offset - typed.length, end: offset } };
}

/** `typed`: the text that is replaced. */
type TypedCompletion = Omit<Completion, 'span'> & { readonly typed: string };

const NOTHING: TypedCompletion = { items: [], typed: '' };

function completeAtPlace(document: EditorDocument, offset: number, place: Place): TypedCompletion {
  switch (place.kind) {
    case 'nothing':
      return { items: createKeywordItems(Object.keys(REFERENCE.instructions)), typed: '' };
    case 'comment':
      return place.isHead || /check\s*=/.test(place.text) ? completeDirective(place.text) : NOTHING;
    case 'heredoc':
      return NOTHING;
    case 'instruction':
      return completeInstruction(place.text.trimStart(), { document, offset });
    default:
      return place satisfies never;
  }
}

/** Completes a variable behind an unescaped `$` or `${`. */
function completeVariable(document: EditorDocument, offset: number, place: Place): TypedCompletion | undefined {
  if (place.kind === 'nothing' || place.kind === 'comment') return undefined;
  const [, typed] = /(?:^|[^\\`$])\$\{?(\w*)$/.exec(place.text) ?? [];
  if (typed === undefined) return undefined;
  const items = [...findVariablesAt(document, offset).values()].map((variable): CompletionItem => {
    return {
      label: variable.name,
      kind: 'variable',
      insert: variable.name,
      detail: readLine(document, variable.start),
    };
  });
  const isFrom = /^\s*FROM\s/i.test(place.text);
  return { items: isFrom ? [...items, ...createDescribedItems('variable', REFERENCE.automaticArgs)] : items, typed };
}

function readLine({ source }: EditorDocument, offset: number): string {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return source.slice(start).split('\n', 1)[0]!.trim();
}

function createKeywordItems(keywords: readonly string[]): readonly CompletionItem[] {
  return keywords.map((label) => {
    const { form, text } = REFERENCE.instructions[label]!;
    return { label, kind: 'keyword', detail: form, text, insert: label };
  });
}

function completeDirective(text: string): TypedCompletion {
  const [, option, checks] = /^#\s*check\s*=(?:.*;)?\s*(skip|experimental)=([\w,]*)$/i.exec(text) ?? [];
  if (option !== undefined) {
    return {
      items: [...createItems('value', ['all']), ...createDescribedItems('value', REFERENCE.checks)],
      typed: checks!.slice(checks!.lastIndexOf(',') + 1),
    };
  }
  const [, escapes] = /^#\s*escape\s*=\s*(\S*)$/i.exec(text) ?? [];
  if (escapes !== undefined) return { items: createItems('value', ['`', '\\']), typed: escapes };
  const [, part] = /^#\s*check\s*=(?:.*;)?(\w*)$/i.exec(text) ?? [];
  if (part !== undefined)
    return { items: createItems('option', ['skip=', 'error=true', 'experimental=']), typed: part };
  const [, name] = /^#\s*(\w*)$/.exec(text) ?? [];
  return name === undefined
    ? NOTHING
    : { items: createDescribedItems('keyword', REFERENCE.directives, (each) => `${each}=`), typed: name };
}

interface CompletionPlace {
  readonly document: EditorDocument;
  readonly offset: number;
  readonly isTrigger?: boolean;
}

/** `text`: the instruction from its keyword to the cursor. */
function completeInstruction(text: string, { document, offset, isTrigger = false }: CompletionPlace): TypedCompletion {
  const [, keyword = '', rest] = /^(\S*)(\s.*)?$/s.exec(text) ?? [];
  if (rest === undefined) {
    const keywords = Object.keys(REFERENCE.instructions).filter(
      (name) => !isTrigger || !/FROM|ONBUILD|MAINT/.test(name),
    );
    return { items: createKeywordItems(keywords), typed: keyword };
  }
  const name = keyword.toUpperCase();
  if (name === 'ONBUILD' && !isTrigger)
    return completeInstruction(rest.trimStart(), { document, offset, isTrigger: true });
  const words = rest.trimStart().split(/\s+/);
  const typed = words.pop()!;
  const operands = words.slice(words.findLastIndex((word) => word.startsWith('--')) + 1);
  if (typed.startsWith('-') && operands.length === 0) return completeFlag(typed, { document, offset, keyword: name });
  return completeOperand({ document, offset, keyword: name, words, operands, typed });
}

interface FlagPlace {
  readonly document: EditorDocument;
  readonly offset: number;
  readonly keyword: string;
}

function completeFlag(typed: string, { document, offset, keyword }: FlagPlace): TypedCompletion {
  const [, flag, value] = /^--([\w-]+)=(.*)$/s.exec(typed) ?? [];
  const flags = findEntry(REFERENCE.instructions, keyword)?.flags ?? {};
  if (flag === undefined || value === undefined) {
    return {
      items: createDescribedItems('flag', flags, (name) => (isSwitch(name) ? `--${name}` : `--${name}=`)),
      typed,
    };
  }
  if (!Object.hasOwn(flags, flag)) return NOTHING;
  if (flag === 'mount') return completeMount(value, createStageItems(document, offset));
  if (flag === 'from') return { items: createStageItems(document, offset), typed: value };
  return { items: createItems('value', findEntry(REFERENCE.flagValues, flag) ?? []), typed: value };
}

function isSwitch(flag: string): boolean {
  return REFERENCE.flagValues[flag]?.includes('true') === true;
}
