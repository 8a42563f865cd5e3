/** What may stand in the value of `RUN --mount=`. */
import { type CompletionItem, describedItems, itemsOf } from './completion-item.ts';
import { entryOf, REFERENCE } from './reference.ts';

export interface MountCompletion {
  readonly items: readonly CompletionItem[];
  /** The part of the value that is being typed. */
  readonly typed: string;
  readonly path?: string;
}

/** `value` up to the cursor; `stages`: names that `from=` may have. */
export function completeMount(value: string, stages: readonly CompletionItem[]): MountCompletion {
  const fields = value.split(',');
  const field = fields.pop()!;
  const given = new Map(fields.map((each) => [each.replace(/=.*/s, ''), each.replace(/^[^=]*=?/, '')]));
  const equals = field.indexOf('=');
  if (equals < 0) return { items: optionItems(given), typed: field };
  const [key, typed] = [field.slice(0, equals), field.slice(equals + 1)];
  const isContext = (given.get('type') ?? 'bind') === 'bind' && !given.has('from');
  const isSource = (key === 'source' || key === 'src') && isContext;
  return { items: valueItems(key, stages), typed, ...(isSource ? { path: typed } : {}) };
}

function optionItems(given: ReadonlyMap<string, string>): readonly CompletionItem[] {
  const type = given.get('type');
  const wanted = entryOf(REFERENCE.mountTypes, type ?? 'bind')?.options ?? Object.keys(REFERENCE.mountOptions);
  const names = (type === undefined ? ['type', ...wanted] : wanted).filter((name) => !given.has(name));
  const texts = Object.fromEntries(names.map((name) => [name, REFERENCE.mountOptions[name] ?? '']));
  return describedItems('option', texts, (name) => (SWITCHES.has(name) ? name : `${name}=`));
}

const SWITCHES = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);

function valueItems(key: string, stages: readonly CompletionItem[]): readonly CompletionItem[] {
  if (key === 'type') {
    const texts = Object.entries(REFERENCE.mountTypes).map(([name, { text }]) => [name, text]);
    return describedItems('value', Object.fromEntries(texts));
  }
  if (key === 'sharing') return itemsOf('value', REFERENCE.sharing);
  if (SWITCHES.has(key)) return itemsOf('value', ['true', 'false']);
  return key === 'from' ? stages : [];
}
