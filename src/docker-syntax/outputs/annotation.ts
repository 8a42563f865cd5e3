import type { Annotation, AnnotationPlace } from '../../api/index.ts';
import { MkimageError } from '../../errors.ts';
import { parsePlatform } from '../../oci/index.ts';

const PLACES: readonly AnnotationPlace[] = ['manifest', 'manifest-descriptor', 'index', 'index-descriptor'];
const PLACE = /^(manifest|manifest-descriptor|index|index-descriptor)?(?:\[([^\]]*)\])?$/;

/**
 * Parses `--annotation`: `key=value`, or `place[platform]:key=value` with places separated by commas. Throws `usage`.
 */
export function parseAnnotation(text: string): readonly Annotation[] {
  const equals = text.indexOf('=');
  if (equals <= 0) throw createAnnotationError(text);
  const [left, value] = [text.slice(0, equals), text.slice(equals + 1)];
  const colon = left.indexOf(':');
  if (colon === -1) return [createAnnotation('', left, value)];
  const places = left.slice(0, colon).split(',');
  const unknown = places.find((place) => place === '' || !PLACE.test(place));
  if (unknown !== undefined) {
    throw new MkimageError('usage', `parse annotation \`${text}\`: unknown place \`${unknown}\``, {
      hint: `write ${PLACES.join(', ')} before the colon, with [PLATFORM] if needed`,
    });
  }
  return places.map((place) => createAnnotation(place, left.slice(colon + 1), value));
}

/**
 * Parses an exporter option of the form `annotation[-place][[platform]].key`. Returns undefined for other options.
 * Throws `usage`.
 */
export function parseAnnotationOption(name: string, value: string): Annotation | undefined {
  const match = /^annotation(?:-(?=[a-z]))?([a-z-]*(?:\[[^\]]*\])?)\.(\S+)$/.exec(name);
  return match === null ? undefined : createAnnotation(match[1] ?? '', match[2]!, value);
}

function createAnnotation(text: string, key: string, value: string): Annotation {
  const match = PLACE.exec(text);
  if (match === null || key === '') throw createAnnotationError(key === '' ? text : `${text}.${key}`);
  const [, place = 'manifest', platform] = match;
  return {
    place: place as AnnotationPlace,
    key,
    value,
    ...(platform === undefined ? {} : { platform: parsePlatform(platform) }),
  };
}

function createAnnotationError(text: string): MkimageError {
  return new MkimageError('usage', `parse annotation \`${text}\`: not of the form key=value`, {
    hint: 'for example `org.opencontainers.image.title=app` or `manifest-descriptor:key=value`',
  });
}
