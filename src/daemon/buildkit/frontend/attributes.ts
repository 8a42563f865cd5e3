/** The attributes of a build: flags of the client as pairs of texts. */
import { MkimageError } from '../../../errors.ts';

export type Attributes = ReadonlyMap<string, string>;

/** The pairs whose name begins so, without the beginning. `__proto__` is a name like others. */
export function readGroup(attributes: Attributes, prefix: string): Record<string, string> {
  return createRecord(listGroup(attributes, prefix));
}

export function listGroup(attributes: Attributes, prefix: string): [name: string, value: string][] {
  return [...attributes].flatMap(([key, value]): [string, string][] =>
    key.startsWith(prefix) ? [[key.slice(prefix.length), value]] : [],
  );
}

/** A record of what a client named. */
export function createRecord<T>(entries: Iterable<readonly [string, T]>): Record<string, T> {
  return Object.fromEntries(entries);
}

export function readList(attributes: Attributes, name: string): readonly string[] {
  return (attributes.get(name) ?? '').split(',').filter((each) => each !== '');
}

export function refuseAttribute(name: string, value: string, why: string): MkimageError {
  return new MkimageError('usage', `read build option \`${name}=${value.slice(0, 200)}\`: ${why}`);
}
