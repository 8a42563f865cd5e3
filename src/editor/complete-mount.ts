/** Completes the value of `RUN --mount=`. */
import { type CompletionItem, createDescribedItems, createItems } from './completion-item.ts';
import { findEntry, REFERENCE } from './reference.ts';

export interface MountCompletion {
  readonly items: readonly CompletionItem[];
  /** The part of the value before the cursor that is replaced. */
  readonly typed: string;
  readonly path?: string;
}

/** `value`: up to the cursor. `stages`: valid names for `from=`. */
export function completeMount(value: string, stages: readonly CompletionItem[]): MountCompletion {
  const fields = value.split(',');
  const field = fields.pop()!;
  const given = new Map(fields.map((each) => [each.replace(/=.*/s, ''), each.replace(/^[^=]*=?/, '')]));
  const equals = field.indexOf('=');
  if (equals < 0) return { items: createOptionItems(given), typed: field };
  const [key, typed] = [field.slice(0, equals), field.slice(equals + 1)];
  const isContext = (given.get('type') ?? 'bind') === 'bind' && !given.has('from');
  const isSource = (key === 'source' || key === 'src') && isContext;
  return { items: createValueItems(key, stages), typed, ...(isSource ? { path: typed } : {}) };
}

function createOptionItems(given: ReadonlyMap<string, string>): readonly CompletionItem[] {
  const type = given.get('type');
  const wanted = findEntry(REFERENCE.mountTypes, type ?? 'bind')?.options ?? Object.keys(REFERENCE.mountOptions);
  const names = (type === undefined ? ['type', ...wanted] : wanted).filter((name) => !given.has(name));
  const texts = Object.fromEntries(names.map((name) => [name, REFERENCE.mountOptions[name] ?? '']));
  return createDescribedItems('option', texts, (name) => (SWITCHES.has(name) ? name : `${name}=`));
}

const SWITCHES = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);

function createValueItems(key: string, stages: readonly CompletionItem[]): readonly CompletionItem[] {
  if (key === 'type') {
    const texts = Object.entries(REFERENCE.mountTypes).map(([name, { text }]) => [name, text]);
    return createDescribedItems('value', Object.fromEntries(texts));
  }
  if (key === 'sharing') return createItems('value', REFERENCE.sharing);
  if (SWITCHES.has(key)) return createItems('value', ['true', 'false']);
  return key === 'from' ? stages : [];
}
