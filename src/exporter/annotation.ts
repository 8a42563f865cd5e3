import { MkimageError } from '../errors.ts';

/** Where an annotation goes: into the manifest, or onto the descriptor that points at it. */
export type AnnotationPlace = 'manifest' | 'manifest-descriptor';

export interface Annotation {
  readonly place: AnnotationPlace;
  readonly key: string;
  readonly value: string;
}

const PLACES = /^(manifest|manifest-descriptor|index|index-descriptor)(?:\[[^\]]*\])?$/;

/** Reads `--annotation`: `key=value`, or `place:key=value` with places separated by commas. Throws `usage`, `unsupported`. */
export function parseAnnotation(text: string): readonly Annotation[] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw malformed(text);
  const [left, value] = [text.slice(0, equals), text.slice(equals + 1)];
  const colon = left.indexOf(':');
  const places = colon === -1 ? [] : left.slice(0, colon).split(',');
  if (!places.every((place) => PLACES.test(place)) || places.length === 0) return [annotationAt('', left, value)];
  return places.map((place) => annotationAt(place, left.slice(colon + 1), value));
}

/** Reads an option of an exporter: `annotation[-place].key`. undefined: the option is none of these. Throws `unsupported`. */
export function annotationOption(name: string, value: string): Annotation | undefined {
  const match = /^annotation(?:-([a-z-]+(?:\[[^\]]*\])?))?\.(\S+)$/.exec(name);
  return match === null ? undefined : annotationAt(match[1] ?? '', match[2]!, value);
}

function annotationAt(text: string, key: string, value: string): Annotation {
  const place = PLACES.exec(text)?.[1] ?? 'manifest';
  if (text !== '' && !PLACES.test(text)) throw malformed(`${text}.${key}`);
  if (key === '') throw malformed(text);
  if (place === 'manifest' || place === 'manifest-descriptor') return { place, key, value };
  throw new MkimageError('unsupported', `annotate \`${key}\`: an image for one platform has no index`, {
    hint: 'leave out `index` or use `manifest`',
  });
}

function malformed(text: string): MkimageError {
  return new MkimageError('usage', `parse annotation \`${text}\`: not of the form key=value`, {
    hint: 'for example `org.opencontainers.image.title=app` or `manifest-descriptor:key=value`',
  });
}
