/** What could be typed at the cursor. Works on the text of the line, since a line that is being typed is seldom well formed. */
import { completeMount } from './complete-mount.ts';
import { completeOperand } from './complete-operand.ts';
import { type Completion, type CompletionItem, describedItems, itemsOf } from './completion-item.ts';
import type { EditorDocument } from './document.ts';
import { type Place, placeAt } from './place.ts';
import { entryOf, REFERENCE } from './reference.ts';
import { stageItems } from './stage-items.ts';
import { variablesAt } from './variables.ts';

export function complete(document: EditorDocument, offset: number): Completion {
  const place = placeAt(document, offset);
  const found = variableCompletion(document, offset, place) ?? completionIn(document, offset, place);
  const { typed, ...completion } = found;
  return { ...completion, span: { start: offset - typed.length, end: offset } };
}

/** `typed`: what is replaced. */
type Found = Omit<Completion, 'span'> & { readonly typed: string };

const NOTHING: Found = { items: [], typed: '' };

function completionIn(document: EditorDocument, offset: number, place: Place): Found {
  switch (place.kind) {
    case 'nothing':
      return { items: keywordItems(Object.keys(REFERENCE.instructions)), typed: '' };
    case 'comment':
      return place.isHead || /check\s*=/.test(place.text) ? directiveCompletion(place.text) : NOTHING;
    case 'heredoc':
      return NOTHING;
    case 'instruction':
      return instructionCompletion(document, offset, place.text.trimStart());
    default:
      return place satisfies never;
  }
}

/** Behind `$` or `${`, unless an escape character takes its meaning away. */
function variableCompletion(document: EditorDocument, offset: number, place: Place): Found | undefined {
  if (place.kind === 'nothing' || place.kind === 'comment') return undefined;
  const [, typed] = /(?:^|[^\\`$])\$\{?(\w*)$/.exec(place.text) ?? [];
  if (typed === undefined) return undefined;
  const items = [...variablesAt(document, offset).values()].map((variable): CompletionItem => {
    return { label: variable.name, kind: 'variable', insert: variable.name, detail: lineOf(document, variable.start) };
  });
  const isFrom = /^\s*FROM\s/i.test(place.text);
  return { items: isFrom ? [...items, ...describedItems('variable', REFERENCE.automaticArgs)] : items, typed };
}

function lineOf({ source }: EditorDocument, offset: number): string {
  const start = source.lastIndexOf('\n', offset - 1) + 1;
  return source.slice(start).split('\n', 1)[0]!.trim();
}

function keywordItems(keywords: readonly string[]): readonly CompletionItem[] {
  return keywords.map((label) => {
    const { form, text } = REFERENCE.instructions[label]!;
    return { label, kind: 'keyword', detail: form, text, insert: label };
  });
}

function directiveCompletion(text: string): Found {
  const [, option, checks] = /^#\s*check\s*=(?:.*;)?\s*(skip|experimental)=([\w,]*)$/i.exec(text) ?? [];
  if (option !== undefined) {
    return {
      items: [...itemsOf('value', ['all']), ...describedItems('value', REFERENCE.checks)],
      typed: checks!.slice(checks!.lastIndexOf(',') + 1),
    };
  }
  const [, escapes] = /^#\s*escape\s*=\s*(\S*)$/i.exec(text) ?? [];
  if (escapes !== undefined) return { items: itemsOf('value', ['`', '\\']), typed: escapes };
  const [, part] = /^#\s*check\s*=(?:.*;)?(\w*)$/i.exec(text) ?? [];
  if (part !== undefined) return { items: itemsOf('option', ['skip=', 'error=true', 'experimental=']), typed: part };
  const [, name] = /^#\s*(\w*)$/.exec(text) ?? [];
  return name === undefined
    ? NOTHING
    : { items: describedItems('keyword', REFERENCE.directives, (each) => `${each}=`), typed: name };
}

/** `text`: from the keyword to the cursor. */
function instructionCompletion(document: EditorDocument, offset: number, text: string, isTrigger = false): Found {
  const [, keyword = '', rest] = /^(\S*)(\s.*)?$/s.exec(text) ?? [];
  if (rest === undefined) {
    const keywords = Object.keys(REFERENCE.instructions).filter(
      (name) => !isTrigger || !/FROM|ONBUILD|MAINT/.test(name),
    );
    return { items: keywordItems(keywords), typed: keyword };
  }
  const name = keyword.toUpperCase();
  if (name === 'ONBUILD' && !isTrigger) return instructionCompletion(document, offset, rest.trimStart(), true);
  const words = rest.trimStart().split(/\s+/);
  const typed = words.pop()!;
  const operands = words.slice(words.findLastIndex((word) => word.startsWith('--')) + 1);
  if (typed.startsWith('-') && operands.length === 0) return flagCompletion(document, offset, name, typed);
  return completeOperand({ document, offset, keyword: name, words, operands, typed });
}

function flagCompletion(document: EditorDocument, offset: number, keyword: string, typed: string): Found {
  const [, flag, value] = /^--([\w-]+)=(.*)$/s.exec(typed) ?? [];
  const flags = entryOf(REFERENCE.instructions, keyword)?.flags ?? {};
  if (flag === undefined || value === undefined) {
    return { items: describedItems('flag', flags, (name) => (isSwitch(name) ? `--${name}` : `--${name}=`)), typed };
  }
  if (!Object.hasOwn(flags, flag)) return NOTHING;
  if (flag === 'mount') return completeMount(value, stageItems(document, offset));
  if (flag === 'from') return { items: stageItems(document, offset), typed: value };
  return { items: itemsOf('value', entryOf(REFERENCE.flagValues, flag) ?? []), typed: value };
}

function isSwitch(flag: string): boolean {
  return REFERENCE.flagValues[flag]?.includes('true') === true;
}
