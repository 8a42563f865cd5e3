import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { formatBuildFile } from '../../src/format/index.ts';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { checkBuildFile, createOutline } from '../../src/plan/index.ts';
import { planRequest, settle } from './plan-support.ts';

/** Build files made to exhaust time, memory or stack. Each has so many parts that a second look at all of them shows. */
const test = suite('plans of hostile build files');

const MANY = 8000;
const each = (make: (index: number) => string, count = MANY) =>
  Array.from({ length: count }, (_, index) => make(index)).join('');

/** Everything that is said of a build file without building it. */
function messages(text: string): readonly string[] {
  const file = parseBuildFile(text);
  const { outcome } = settle(checkBuildFile(file, planRequest()));
  formatBuildFile(text);
  return outcome.errors.map(({ message }) => message);
}

const harmless: Readonly<Record<string, string>> = {
  ARGs: each((index) => `ARG a${index}=x\n`),
  ENVs: each((index) => `ENV a${index}=x\n`),
  'pairs of one ENV': `ENV ${each((index) => `a${index}=x \\\n`)} z=z\n`,
  LABELs: each((index) => `LABEL a${index}=x\n`),
  'ports and volumes': each((index) => `EXPOSE ${index + 1}\nVOLUME /v${index}\n`),
  triggers: each((index) => `ONBUILD RUN ${index}\n`),
  'RUNs below ARGs': each((index) => `ARG a${index}=x\n`, 2000) + each((index) => `RUN ${index}\n`, 2000),
  'unknown variables': each((index) => `ENV a${index}=$b${index}\n`),
  'flags of one RUN': `RUN ${each((index) => `--mount=type=tmpfs,target=/x${index} \\\n`)} true\n`,
  'heredocs of one COPY': `COPY ${each((index) => `<<E${index} `, 4000)} /x/\n${each((index) => `x\nE${index}\n`, 4000)}`,
  'lines with nothing in them': `ENV A=b \\\n${'\\\n'.repeat(MANY)}c=d\n`,
};

for (const [title, text] of Object.entries(harmless)) {
  test(`${title} by the thousand`, () => {
    const started = process.cpuUsage().user;
    assert.equal(messages(`FROM scratch\n${text}`), []);
    // Each took minutes when a part was compared with all others.
    assert.ok(process.cpuUsage().user - started < 30_000_000);
  });
}

test('stages that are built on, or copy from, one another', () => {
  assert.equal(messages(`FROM scratch AS s0\n${each((index) => `FROM s${index} AS s${index + 1}\n`, 2000)}`), []);
  const copies = each((index) => `FROM scratch AS s${index}\nCOPY --from=s${index + 1} /a /b\n`, 2000);
  assert.match(messages(`${copies}FROM scratch AS s2000\n`)[0]!, /it comes later/);
  assert.match(messages(`${copies}FROM scratch AS s2000\nCOPY --from=s0 /a /b\n`)[0]!, /circular dependency/);
});

test('an outline goes along a chain of any length', () => {
  const args = `ARG a0=x\n${each((index) => `ARG a${index + 1}=$a${index}\n`)}FROM $a${MANY} AS s0\n`;
  const stages = each((index) => `FROM s${index} AS s${index + 1}\n`, 2000);
  const file = parseBuildFile(`${args.replace('=x', '=scratch')}${stages}`);
  const { outcome } = settle(createOutline(file, planRequest()));
  assert.is(outcome.kind, 'outline');
});

test('variables that grow with each line are stopped where they grow too long', () => {
  const tenfold = (keyword: string) => (index: number) => `${keyword} A${index + 1}=${`$A${index}`.repeat(10)}\n`;
  const start = `A0=${'a'.repeat(100)}\n`;
  for (const keyword of ['ENV', 'ARG', 'LABEL']) {
    const text = `FROM scratch\nENV ${start}${each(tenfold(keyword === 'LABEL' ? 'ENV' : keyword), 9)}`;
    const found = parseBuildFile(text);
    const { outcome } = settle(checkBuildFile(found, planRequest()));
    const [first] = outcome.errors;
    assert.is(first!.message, 'the value is longer than 16 MiB');
    assert.is(first!.range.start.line, 8);
  }
  assert.is(messages(`ARG ${start}${each(tenfold('ARG'), 9)}FROM scratch\n`)[0], 'the value is longer than 16 MiB');
  const doubled = each((index) => `ENV A${index + 1}=$A${index}$A${index}\n`, 40);
  assert.is(messages(`FROM scratch\nENV ${start}${doubled}`)[0], 'the value is longer than 16 MiB');
});

test('many values that are long, but not too long, are stopped by what they come to', () => {
  const long = `ENV A=${'a'.repeat(60_000)}\nENV B=${'$A'.repeat(100)}\n`;
  const found = messages(`FROM scratch\n${long}${each((index) => `LABEL l${index}=$B\n`, 100)}`);
  assert.is(found[0], 'the values of all variables together are longer than 64 MiB');
});

test('a pattern cannot make more of a value than that', () => {
  const text = `FROM scratch\nENV A=${'a'.repeat(60_000)}\nENV B=\${A//a/$A}\n`;
  assert.equal(messages(text), ['the value is longer than 16 MiB']);
});

test.run();
