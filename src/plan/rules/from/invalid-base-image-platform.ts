import type { Range } from '../../../instructions/index.ts';
import { formatPlatform, normalizePlatform, type Platform } from '../../../oci/index.ts';
import { quote } from '../../words/go-format.ts';
import type { Report, Rule } from '../rule.ts';

export const InvalidBaseImagePlatform: Rule = {
  name: 'InvalidBaseImagePlatform',
  description: 'Use a base image for the platform of the build',
  url: '',
};

interface BaseImageCheck {
  readonly expected: Platform;
  readonly actual: Platform;
  readonly range: Range;
  readonly report: Report;
}

export function checkBaseImagePlatform(image: string, { expected, actual, range, report }: BaseImageCheck): void {
  if (expected.os === actual.os && expected.architecture === actual.architecture) return;
  const [is, should] = [actual, expected].map((platform) => quote(formatPlatform(normalizePlatform(platform))));
  const detail = `Base image ${image} was pulled with platform ${is}, expected ${should} for current build`;
  report({ rule: InvalidBaseImagePlatform, detail, range });
}
