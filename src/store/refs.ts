/**
 * Entries of index.json: the images and their names. Pure edits; index-file.ts reads and writes the file.
 *
 *   {"schemaVersion":2, "manifests":[ {descriptor, "annotations":{"io.containerd.image.name":"docker.io/library/app:latest", …}}, … ]}
 *
 * An entry without a name is a dangling image. Entries that other tools wrote are kept as they are.
 */
import { MkimageError } from '../errors.ts';
import { ANNOTATION, type Descriptor, type Digest, MEDIA_TYPE, normalizeName, parseDescriptor } from '../oci/index.ts';

/** One entry of index.json. */
export interface Ref {
  /** undefined: dangling. */
  readonly name: string | undefined;
  /** Without the annotations of the name. undefined: not a descriptor that mkimage understands; kept for the tool that wrote it. */
  readonly target: Descriptor | undefined;
  readonly raw: unknown;
}

/** Throws `store` if the text is not an index. */
export function parseRefs(text: string): readonly Ref[] {
  return entriesOf(text).map(refOf);
}

/** True if a text is an index, with any content. */
export function isIndex(text: string): boolean {
  try {
    entriesOf(text);
    return true;
  } catch {
    return false;
  }
}

/** Finds the entry of one name. Does not parse the other entries if mkimage wrote it. */
export function findRef(text: string, name: string): Ref | undefined {
  const exact = entriesOf(text).find((entry) => entry?.annotations?.[ANNOTATION.imageName] === name);
  return exact === undefined ? parseRefs(text).find((ref) => ref.name === name) : refOf(exact);
}

export function formatRefs(refs: readonly Ref[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE.index, manifests: refs.map((ref) => ref.raw) });
}

/** Points names at the target. Images that lose their last name become dangling. Without names: adds a dangling image. */
export function withNames(refs: readonly Ref[], names: readonly string[], target: Descriptor): readonly Ref[] {
  const kept = refs.filter((ref) => !(ref.target?.digest === target.digest && ref.name === undefined));
  const named = names.reduce<readonly Ref[]>((list, name) => placeRef(list, entryOf(name, target)), kept);
  return keepingDangling(named, [...refs.flatMap((ref) => ref.target ?? []), target]);
}

/** Throws `not-found`. */
export function withoutName(refs: readonly Ref[], name: string, keepDangling: boolean): readonly Ref[] {
  const old = refs.find((ref) => ref.name === name);
  if (old === undefined) throw new MkimageError('not-found', `untag image: there is no \`${name}\``);
  const rest = refs.filter((ref) => ref !== old);
  return keepDangling && old.target !== undefined ? keepingDangling(rest, [old.target]) : rest;
}

/** Throws `not-found`. */
export function withoutDangling(refs: readonly Ref[], digest: Digest): readonly Ref[] {
  const rest = refs.filter((ref) => ref.name !== undefined || ref.target?.digest !== digest);
  if (rest.length === refs.length)
    throw new MkimageError('not-found', `remove image: \`${digest}\` is not a dangling image`);
  return rest;
}

function placeRef(refs: readonly Ref[], ref: Ref): readonly Ref[] {
  const at = refs.findIndex(({ name }) => name === ref.name);
  return at === -1 ? [...refs, ref] : refs.with(at, ref);
}

/** Adds dangling entries for the targets that are not listed. */
function keepingDangling(refs: readonly Ref[], targets: readonly Descriptor[]): readonly Ref[] {
  const kept = [...refs];
  for (const target of targets) if (!isListed(kept, target.digest)) kept.push(createDangling(target));
  return kept;
}

function isListed(refs: readonly Ref[], digest: Digest): boolean {
  return refs.some((ref) => ref.target?.digest === digest);
}

function entryOf(name: string, given: Descriptor): Ref {
  const target = bare(given);
  const annotations = { ...target.annotations, [ANNOTATION.imageName]: name, [ANNOTATION.refName]: name };
  return { name, target, raw: { ...target, annotations } };
}

function createDangling(given: Descriptor): Ref {
  const target = bare(given);
  return { name: undefined, target, raw: target };
}

/** Removes the annotations of the name, which are not part of the descriptor. */
function bare({ annotations = {}, ...rest }: Descriptor): Descriptor {
  const { [ANNOTATION.imageName]: _name, [ANNOTATION.refName]: _ref, ...others } = annotations;
  return Object.keys(others).length === 0 ? rest : { ...rest, annotations: others };
}

function refOf(raw: unknown): Ref {
  try {
    const target = parseDescriptor(raw, 'index.json');
    return { name: nameOf(target.annotations ?? {}), target: bare(target), raw };
  } catch {
    return { name: undefined, target: undefined, raw };
  }
}

function nameOf(annotations: Readonly<Record<string, string>>): string | undefined {
  const text = annotations[ANNOTATION.imageName] ?? annotations[ANNOTATION.refName];
  try {
    return text === undefined ? undefined : normalizeName(text);
  } catch {
    return undefined;
  }
}

/** An entry before it is checked. */
type RawEntry = { readonly annotations?: Readonly<Record<string, unknown>> | null } | null | undefined;

function entriesOf(text: string): readonly RawEntry[] {
  const entries = (parse(text) as { manifests?: unknown } | null)?.manifests ?? [];
  if (!Array.isArray(entries)) throw createDamageError();
  return entries;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw createDamageError(cause);
  }
}

function createDamageError(cause?: unknown): MkimageError {
  return new MkimageError('store', 'read store: index.json is damaged', {
    cause,
    hint: 'restore it, or remove the folder `images` of the store and build, pull or load the images again',
  });
}
