import { createHash } from 'node:crypto';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { LintReport } from '../../../src/lint/index.ts';
import {
  formatCheckstyle,
  formatCodacy,
  formatCodeClimate,
  formatGitlabCodeClimate,
  formatGnu,
  formatJunit,
  formatSonarQube,
  toHadolintJson,
} from '../../../src/lint/index.ts';
import { lintText } from '../lint-support.ts';

/** Forms that hadolint has, member for member. */
const test = suite("hadolint's formats");

const CLEAN: LintReport = { findings: [], errors: [] };
const FILE = 'a/Dockerfile';
/** A warning, an error, an information and a matter of style, and a fault of the file. */
const REPORT: LintReport = {
  findings: [
    finding('DL3003', 2, 'say <this>', undefined),
    finding('DL3000', 3, `"a" & 'b'`, undefined),
    finding('DL3009', 4, 'lists', undefined),
    finding('DL3048', 5, 'label', undefined),
    finding('DL3009', 6, 'lists', 'error'),
  ],
  errors: [{ severity: 'error', code: 'missing-from', message: 'no base', range: range(1, 7) }],
};

test('levels are hadolint’s own where no settings give others', () => {
  assert.equal(
    toHadolintJson(REPORT, FILE).map(({ code, level }) => `${code} ${level}`),
    ['DL3061 error', 'DL3003 warning', 'DL3000 error', 'DL3009 info', 'DL3048 style', 'DL3009 error'],
  );
});

test('gnu', () => {
  assert.is(formatGnu(CLEAN, FILE), '');
  assert.is(
    formatGnu(REPORT, FILE).split('\n').slice(0, 2).join('\n'),
    'hadolint:a/Dockerfile:1: DL3061 error: no base\nhadolint:a/Dockerfile:2: DL3003 warning: say <this>',
  );
  const odd = { findings: [finding('DL3000', 1, 'two\nlines', undefined)], errors: [] };
  assert.is(formatGnu(odd, FILE), 'hadolint:a/Dockerfile:1: DL3000 error: two lines\n');
});

test('checkstyle escapes whatever is not a letter, a digit, a blank, a dot or a slash', () => {
  assert.is(
    formatCheckstyle(CLEAN, FILE),
    "<?xml version='1.0' encoding='UTF-8'?><checkstyle version='4.3'></checkstyle>",
  );
  const xml = formatCheckstyle(REPORT, 'a&b/Dockerfile');
  assert.ok(
    xml.startsWith("<?xml version='1.0' encoding='UTF-8'?><checkstyle version='4.3'><file name='a&#38;b/Dockerfile' >"),
  );
  assert.ok(
    xml.includes(
      "<error line='2' column='1' severity='warning' message='say &#60;this&#62;' source='DL3003' /><error line='3' ",
    ),
  );
  assert.ok(xml.endsWith("source='DL3009' /></file></checkstyle>"));
});

test('characters that XML has not are replaced, those outside of ASCII kept whole', () => {
  const odd = { findings: [finding('DL3000', 1, 'a\u0000\ud800b😀\uffff', undefined)], errors: [] };
  assert.match(formatCheckstyle(odd, FILE), /message='a&#65533;&#65533;b&#128512;&#65533;'/);
});

test('junit has a failed test for each finding', () => {
  const run = { version: '1.2.3', time: '2026-01-31T12:13:14' };
  assert.is(
    formatJunit(CLEAN, FILE, run),
    '<?xml version="1.0" encoding="UTF-8"?><testsuites id="20260131&#95;121314" name="mkimage run at 2026&#45;01&#45;31 12&#58;13&#58;14" time="0.001">' +
      '<testsuite id="hadolint" name="mkimage 1.2.3" time="0.001" failures="0" errors="0"></testsuite></testsuites>\n',
  );
  const xml = formatJunit(REPORT, FILE, run);
  assert.ok(xml.includes('failures="6" errors="1"'));
  assert.ok(
    xml.includes(
      '<testcase id="hadolint.rule.DL3003" name="DL3003" time="0.001"><failure type="warning" message="say &#60;this&#62;" id="DL3003">' +
        'File: a/Dockerfile\nLine: 2\nCategory: Hadolint - Dockerfile Static Analysis\nwarning: say &#60;this&#62;\n</failure></testcase>',
    ),
  );
  assert.ok(xml.includes('<testcase id="hadolint.error" name="DL3061" time="0.001"><failure type="error" '));
});

test('codeclimate has an object with a NUL behind it for each finding', () => {
  assert.is(formatCodeClimate(CLEAN, FILE), '');
  const objects = formatCodeClimate(REPORT, FILE).split('\0');
  assert.is(objects.pop(), '');
  assert.equal(JSON.parse(objects[1]!), {
    type: 'issue',
    check_name: 'DL3003',
    description: 'say <this>',
    categories: ['Bug Risk'],
    location: { path: FILE, lines: { begin: 2, end: 2 } },
    severity: 'major',
  });
  assert.equal(
    objects.map((text) => JSON.parse(text).severity),
    ['blocker', 'major', 'blocker', 'info', 'minor', 'blocker'],
  );
});

test('gitlab_codeclimate is one array, with fingerprints that stay what they are', () => {
  assert.is(formatGitlabCodeClimate(CLEAN, FILE), '[]');
  const [, second] = JSON.parse(formatGitlabCodeClimate(REPORT, FILE));
  const { fingerprint, ...issue } = second;
  const text = formatCodeClimate(REPORT, FILE).split('\0')[1]!;
  assert.equal(issue, JSON.parse(text));
  assert.is(fingerprint, createHash('sha1').update(text).digest('hex'));
  const twice = { findings: [finding('DL3003', 1, 'a', undefined), finding('DL3003', 1, 'a', undefined)], errors: [] };
  const prints = JSON.parse(formatGitlabCodeClimate(twice, FILE)).map(
    (found: { fingerprint: string }) => found.fingerprint,
  );
  assert.is(new Set(prints).size, 2);
});

test('sonarqube has severities of its own', () => {
  assert.equal(JSON.parse(formatSonarQube(CLEAN, FILE)), { issues: [] });
  const { issues } = JSON.parse(formatSonarQube(REPORT, FILE));
  assert.equal(issues[1], {
    engineId: 'Hadolint',
    ruleId: 'DL3003',
    severity: 'MAJOR',
    type: 'CODE_SMELL',
    primaryLocation: {
      message: 'say <this>',
      filePath: FILE,
      textRange: { startLine: 2, endLine: 2, startColumn: 0, endColumn: 1 },
    },
  });
  assert.equal(
    issues.map((issue: { severity: string; type: string }) => `${issue.severity} ${issue.type}`),
    ['CRITICAL BUG', 'MAJOR CODE_SMELL', 'CRITICAL BUG', 'MINOR CODE_SMELL', 'INFO CODE_SMELL', 'CRITICAL BUG'],
  );
});

test('codacy has an object a line', () => {
  const [, second] = formatCodacy(REPORT, FILE).split('\n');
  assert.equal(JSON.parse(second!), { filename: FILE, patternId: 'DL3003', message: 'say <this>', line: 2 });
});

test("checks and faults that are here under other names have hadolint's codes", () => {
  const codes = (text: string) => toHadolintJson(lintText(text), FILE).map(({ line, code }) => `${line}: ${code}`);
  assert.equal(codes('RUN a\nFROM a:1\n'), ['1: DL3061']);
  assert.equal(codes('FROM a:1\nEXPOSE 80000\n'), ['2: DL3011']);
  assert.equal(codes('FROM a:1 AS b\nCOPY --from=b /x /y\n'), ['2: DL3023']);
  assert.equal(codes('FROM a:1\nONBUILD FROM x\n'), ['2: DL3043']);
  assert.equal(codes('FROM a:1 AS context\n'), ['1: DL3063']);
  assert.equal(codes('FROM a:1\nARG TOKEN\n'), ['2: DL3064']);
  assert.equal(codes('FROM --platform=$TARGETPLATFORM a:1\n'), ['1: DL3065']);
  const twice = 'FROM a:1\nCMD ["a"]\nCMD ["b"]\nENTRYPOINT ["a"]\nENTRYPOINT ["b"]\n';
  assert.equal(codes(`${twice}HEALTHCHECK CMD a\nHEALTHCHECK NONE\n`), ['2: DL4003', '4: DL4004', '6: DL3012']);
});

test.run();

function range(line: number, column: number) {
  const place = { line, column, offset: 0 };
  return { start: place, end: place };
}

function finding(
  code: string,
  line: number,
  detail: string,
  level: 'error' | undefined,
): LintReport['findings'][number] {
  const rule = { name: `Rule${code}`, description: '', url: '' };
  return { rule, code, detail, range: range(line, 1), fixes: [], ...(level === undefined ? {} : { level }) };
}
