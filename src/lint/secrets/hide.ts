/** Removes secrets from everything that is printed from a build file. */
import type { Fix } from '../../instructions/index.ts';
import type { LintReport } from '../lint-build-file.ts';
import { findSecrets } from './shapes.ts';

interface Printed {
  readonly report: LintReport;
  readonly file: { readonly name: string; readonly text: string };
}

/** Replaces each character of a secret with `*`, so that positions do not change. Drops fixes whose text contains a secret. */
export function hideSecrets({ report, file }: Printed): Printed {
  const secrets = findSecrets(file.text);
  if (secrets.length === 0) return { report, file };
  const texts = [...new Set(secrets.map(({ start, end }) => file.text.slice(start, end)))];
  const hide = (text: string) => texts.reduce((hidden, secret) => hidden.replaceAll(secret, mask(secret)), text);
  const isClean = ({ edits }: Fix) => edits.every(({ text }) => hide(text) === text);
  const findings = report.findings.map((finding) => ({
    ...finding,
    detail: hide(finding.detail),
    fixes: finding.fixes.filter(isClean).map((fix) => ({ ...fix, title: hide(fix.title) })),
  }));
  const errors = report.errors.map((fault) => ({ ...fault, message: hide(fault.message) }));
  return { report: { findings, errors }, file: { ...file, text: hide(file.text) } };
}

function mask(secret: string): string {
  return secret.replaceAll(/[^\r\n]/g, '*');
}
