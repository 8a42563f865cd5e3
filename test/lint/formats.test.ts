import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { createSarifLog, formatWorkflowCommands, toHadolintJson } from '../../src/lint/index.ts';
import { lintText } from './lint-support.ts';

const test = suite('formats of findings');
const TEXT = 'FROM a:1\nRUN pip install \\\n  flask\nexpose 80/TCP\nCOPY --from=1 /a /b\n';
const report = lintText(TEXT);

test('hadolint JSON has its codes where there are any', () => {
  assert.equal(
    toHadolintJson(report, 'Dockerfile').map(({ line, column, code, level }) => `${line}:${column} ${code} ${level}`),
    ['5:13 unknown-stage error', '2:5 DL3042 warning', '2:5 DL3013 warning', '4:1 ConsistentInstructionCasing warning'],
  );
  const [first] = toHadolintJson(report, 'Dockerfile');
  assert.equal(Object.keys(first!).sort(), ['code', 'column', 'file', 'level', 'line', 'message']);
});

test('workflow commands escape what would end them', () => {
  const { findings } = lintText('FROM a:1\nENV A=100% B=1\nENV B=2 C=$B\n');
  const odd = { findings: findings.map((found) => ({ ...found, detail: '100%\nof, this: that' })), errors: [] };
  assert.is(
    formatWorkflowCommands(odd, 'a,b/Docker:file'),
    '::warning file=a%2Cb/Docker%3Afile,line=3,endLine=3,col=11,endColumn=13,title=SelfReferencingEnv::100%25%0Aof, this: that\n',
  );
});

/** What the schema of SARIF 2.1.0 requires of the members that are written. */
test('SARIF has all that its schema requires', () => {
  const log = createSarifLog(report, 'some dir/Dockerfile', '1.2.3');
  assert.is(log.version, '2.1.0');
  assert.match(log.$schema, /sarif-2\.1\.0\.json$/);
  const [run] = log.runs;
  const { driver } = run!.tool;
  assert.equal([driver.name, driver.version], ['mkimage', '1.2.3']);
  const rules = driver.rules as readonly { id: string; shortDescription: { text: string }; helpUri?: string }[];
  assert.is(new Set(rules.map(({ id }) => id)).size, rules.length);
  for (const { id, shortDescription, helpUri } of rules) {
    assert.match(id, /^\w+$/);
    assert.ok(shortDescription.text.length > 0);
    assert.ok(helpUri === undefined || URL.canParse(helpUri));
  }
  assert.is(run!.results.length, 4);
  for (const result of run!.results) {
    assert.ok(result.message.text.length > 0);
    assert.ok(['none', 'note', 'warning', 'error'].includes(result.level));
    if (result.ruleIndex !== undefined) assert.is(rules[result.ruleIndex]!.id, result.ruleId);
    const [{ physicalLocation }] = result.locations as [(typeof result.locations)[number]];
    assert.is(physicalLocation.artifactLocation.uri, 'some%20dir/Dockerfile');
    requireRegion(physicalLocation.region);
    for (const fix of result.fixes ?? []) {
      assert.ok(fix.description.text.length > 0);
      for (const { artifactLocation, replacements } of fix.artifactChanges) {
        assert.is(artifactLocation.uri, 'some%20dir/Dockerfile');
        assert.ok(replacements.length > 0);
        for (const { deletedRegion } of replacements) requireRegion(deletedRegion);
      }
    }
  }
});

test('SARIF has the fixes, safe or not', () => {
  const { results } = createSarifLog(report, 'Dockerfile', '1').runs[0]!;
  const casing = results.find(({ ruleId }) => ruleId === 'ConsistentInstructionCasing')!;
  assert.equal(casing.fixes?.[0]?.artifactChanges[0]?.replacements, [
    { deletedRegion: { startLine: 4, startColumn: 1, endLine: 4, endColumn: 7 }, insertedContent: { text: 'EXPOSE' } },
  ]);
  assert.ok(results.find(({ ruleId }) => ruleId === 'PipCacheKept')!.fixes);
});

test.run();

interface Region {
  readonly startLine: number;
  readonly startColumn: number;
  readonly endLine: number;
  readonly endColumn: number;
}

function requireRegion({ startLine, startColumn, endLine, endColumn }: Region): void {
  for (const number of [startLine, startColumn, endLine, endColumn]) assert.ok(Number.isInteger(number) && number >= 1);
  assert.ok(endLine > startLine || (endLine === startLine && endColumn >= startColumn));
}
