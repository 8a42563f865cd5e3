/** Checks label values against the types in the settings. */
import type { LabelType } from '../../hadolint/settings.ts';
import { type LintRule, pageOf } from '../../rule.ts';
import { readLiteral } from '../base-image-tag.ts';
import { isEmail, isGitHash, isSemver, isTime, isUrl } from './formats.ts';
import { labelsOf, removeQuotes } from './keys.ts';
import { isLicense } from './licenses.ts';

interface Format {
  readonly code: string;
  readonly name: string;
  readonly isOne: (value: string) => boolean;
}

const EMPTY = 'DL3051';
const FORMATS: Readonly<Record<Exclude<LabelType, 'text'>, Format>> = {
  url: { code: 'DL3052', name: 'an absolute URL', isOne: isUrl },
  rfc3339: { code: 'DL3053', name: 'a time in the form of RFC 3339', isOne: isTime },
  spdx: { code: 'DL3054', name: 'a licence by its SPDX name', isOne: isLicense },
  hash: { code: 'DL3055', name: 'a git hash of 7 or 40 digits', isOne: isGitHash },
  semver: { code: 'DL3056', name: 'a semantic version', isOne: isSemver },
  email: { code: 'DL3058', name: 'an e-mail address', isOne: isEmail },
};

export const LabelValue: LintRule = {
  name: 'LabelValue',
  codes: [EMPTY, ...Object.values(FORMATS).map(({ code }) => code)],
  description: 'Give labels values of the type that the settings require',
  url: pageOf('LabelValue'),
  *find({ stages, settings: { labelSchema } }) {
    for (const stage of stages) {
      for (const { instruction, pair, key } of labelsOf(stage)) {
        const type = labelSchema.get(key);
        const fault = type && faultOf(readLiteral(pair.value) ?? removeQuotes(pair.value.raw), type);
        if (fault === undefined) continue;
        yield { instruction, detail: `label \`${key}\` ${fault.what}`, range: pair.value.range, code: fault.code };
      }
    }
  },
};

/** Variables are not expanded. As in hadolint, a value with a variable is only valid for the type `text`. */
function faultOf(value: string, type: LabelType): { readonly code: string; readonly what: string } | undefined {
  if (value === '') return { code: EMPTY, what: 'is empty' };
  if (type === 'text') return undefined;
  const { code, name, isOne } = FORMATS[type];
  return isOne(value) ? undefined : { code, what: `is not ${name}` };
}
