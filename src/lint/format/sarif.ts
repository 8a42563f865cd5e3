/** SARIF 2.1.0, the format that code scanning services read. */
import type { Diagnostic, Fix, Range } from '../../instructions/index.ts';
import type { Rule } from '../../plan/index.ts';
import { codesOf } from '../hadolint/codes.ts';
import { type LintReport, toLintDiagnostics } from '../lint-build-file.ts';

type Region = ReturnType<typeof createRegion>;

interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex?: number;
  readonly level: 'error' | 'warning' | 'note';
  readonly message: { readonly text: string };
  readonly locations: readonly {
    readonly physicalLocation: { readonly artifactLocation: { readonly uri: string }; readonly region: Region };
  }[];
  readonly fixes?: readonly ReturnType<typeof fixOf>[];
}

export interface SarifLog {
  readonly $schema: string;
  readonly version: '2.1.0';
  readonly runs: readonly {
    readonly tool: {
      readonly driver: { readonly name: string; readonly version: string; readonly rules: readonly object[] };
    };
    readonly columnKind: 'utf16CodeUnits';
    readonly results: readonly SarifResult[];
  }[];
}

export function createSarifLog(report: LintReport, file: string, version: string): SarifLog {
  const uri = encodeURI(file);
  const rules = [...new Map(report.findings.map(({ rule }) => [rule.name, rule])).values()];
  const indexes = new Map(rules.map(({ name }, index) => [name, index]));
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'mkimage', version, rules: rules.map(createDescriptor) } },
        columnKind: 'utf16CodeUnits',
        results: toLintDiagnostics(report).map((found) => resultOf(found, uri, indexes.get(found.code))),
      },
    ],
  };
}

function createDescriptor(rule: Rule) {
  const tags = codesOf(rule);
  return {
    id: rule.name,
    shortDescription: { text: rule.description },
    ...(/^https:/.test(rule.url) ? { helpUri: rule.url } : {}),
    defaultConfiguration: { level: 'warning' },
    ...(tags.length > 0 ? { properties: { tags } } : {}),
  };
}

function resultOf(
  { severity, code, message, range, fixes = [] }: Diagnostic,
  uri: string,
  ruleIndex: number | undefined,
): SarifResult {
  return {
    ruleId: code,
    ...(ruleIndex === undefined ? {} : { ruleIndex }),
    level: severity === 'info' || severity === 'style' ? 'note' : severity,
    message: { text: message },
    locations: [{ physicalLocation: { artifactLocation: { uri }, region: createRegion(range) } }],
    ...(fixes.length > 0 ? { fixes: fixes.map((fix) => fixOf(fix, uri)) } : {}),
  };
}

function createRegion({ start, end }: Range) {
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

function fixOf({ title, edits }: Fix, uri: string) {
  const replacements = edits.map(({ range, text }) => ({
    deletedRegion: createRegion(range),
    insertedContent: { text },
  }));
  return { description: { text: title }, artifactChanges: [{ artifactLocation: { uri }, replacements }] };
}
