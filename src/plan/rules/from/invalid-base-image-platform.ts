import type { Range } from '../../../instructions/index.ts';
import { formatPlatform, normalizePlatform, type Platform } from '../../../oci/index.ts';
import { quote } from '../../words/go-format.ts';
import type { Report, Rule } from '../rule.ts';

export const InvalidBaseImagePlatform: Rule = {
  name: 'InvalidBaseImagePlatform',
  description: 'Use a base image that is made for the platform that is built for',
  url: '',
};

export function checkBaseImagePlatform(
  image: string,
  expected: Platform,
  actual: Platform,
  range: Range,
  report: Report,
): void {
  if (expected.os === actual.os && expected.architecture === actual.architecture) return;
  const [is, should] = [actual, expected].map((platform) => quote(formatPlatform(normalizePlatform(platform))));
  const detail = `Base image ${image} was pulled with platform ${is}, expected ${should} for current build`;
  report(InvalidBaseImagePlatform, detail, range);
}
