import { HttpFailure } from '../http/failure.ts';
import { isObject } from '../http/query.ts';

/** What a member of a JSON document may be. `words`: a list of texts, or one text. */
export type Kind = 'text' | 'flag' | 'number' | 'words' | 'texts' | 'object' | 'list' | 'any';

export type Shape = Readonly<Record<string, Kind>>;

const CHECKS: Readonly<Record<Kind, (value: unknown) => boolean>> = {
  text: (value) => typeof value === 'string',
  flag: (value) => typeof value === 'boolean',
  number: (value) => typeof value === 'number' && Number.isFinite(value),
  words: (value) => typeof value === 'string' || isListOfTexts(value),
  texts: (value) => isObject(value) && Object.values(value).every((each) => typeof each === 'string'),
  object: isObject,
  list: Array.isArray,
  any: () => true,
};

/** Takes the known members of a document. `null` counts as absent, others are left out. Throws 400 for a member of another kind. */
export function takeMembers(document: unknown, shape: Shape, name: string): Readonly<Record<string, unknown>> {
  if (document === undefined || document === null) return {};
  if (!isObject(document)) throw new HttpFailure(400, `invalid ${name}: expected a JSON object`);
  const taken = Object.entries(shape).flatMap(([key, kind]) => {
    const value = document[key];
    if (value === undefined || value === null) return [];
    if (!CHECKS[kind](value)) throw new HttpFailure(400, `invalid value of ${key} in ${name}`);
    return [[key, kind === 'words' && typeof value === 'string' ? [value] : value] as const];
  });
  return Object.fromEntries(taken);
}

function isListOfTexts(value: unknown): boolean {
  return Array.isArray(value) && value.every((each) => typeof each === 'string');
}
