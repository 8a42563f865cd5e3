import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyFixes, hideSecrets } from '../../../src/lint/index.ts';
import { findSecrets, SECRET_SHAPES } from '../../../src/lint/secrets/shapes.ts';
import { lintText } from '../lint-support.ts';

/** Secrets by what they look like. None stands here as it would be found: each is put together. */
const test = suite('secrets in a build file');

const mixed = (length: number) => 'aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xY'.repeat(4).slice(0, length);
const hex = (length: number) => '0123456789abcdef'.repeat(6).slice(0, length);
const SECRETS: readonly (readonly [name: string, text: string])[] = [
  ['a private key', ['-----BEGIN RSA ', 'PRIVATE KEY-----'].join('')],
  ['a private key', ['-----BEGIN ', 'PRIVATE KEY-----'].join('')],
  ['an access key of AWS', `AKIA${'IOSFODNN7EXAMPLE'}`],
  ['an access key of AWS', `ASIA${'ABCDEFGHIJKLMNOP'}`],
  ['a token of GitHub', `ghp_${mixed(36)}`],
  ['a token of GitHub', `ghs_${mixed(36)}`],
  ['a token of GitHub', `github_pat_${mixed(22)}_${mixed(59)}`],
  ['a token of GitLab', `glpat-${mixed(20)}`],
  ['a token of Slack', `xoxb-${'123456789012'}-${mixed(24)}`],
  ['a web hook of Slack', `https://hooks.slack.com/services/T00000000/B00000000/${mixed(24)}`],
  ['a key of Stripe', `sk_live_${mixed(24)}`],
  ['a key of Google', `AIza${mixed(35)}`],
  ['a token of npm', `npm_${mixed(36)}`],
  ['a token of PyPI', `pypi-AgE${mixed(60)}`],
  ['a token of Docker Hub', `dckr_pat_${mixed(27)}`],
  ['a key of OpenAI', `sk-proj-${mixed(48)}`],
  ['a key of OpenAI', `sk-${mixed(48)}`],
  ['a key of Anthropic', `sk-ant-api03-${mixed(80)}`],
  ['a token of Hugging Face', `hf_${mixed(34)}`],
  ['a key of SendGrid', `SG.${mixed(22)}.${mixed(43)}`],
  ['a token of DigitalOcean', `dop_v1_${hex(64)}`],
  ['a token of Vault', `hvs.${mixed(24)}`],
  ['a JSON web token', `eyJ${mixed(30)}.eyJ${mixed(30)}.${mixed(40)}`],
];

for (const [name, secret] of SECRETS) {
  for (const [place, before, after] of [
    ['ENV', 'ENV A="', '" B=1'],
    ['ARG', 'ARG A=', ''],
    ['LABEL', 'LABEL a="', '"'],
    ['RUN', 'RUN use \\\n  --it=', ' && true'],
    ['COPY', 'COPY <<E /x\nkey: ', '\nE'],
    ['ONBUILD', 'ONBUILD ENV A="', '"'],
  ] as const) {
    test(`${name} (${secret.slice(0, 4)}…) is found in ${place}, and what is printed does not show it`, () => {
      const text = `FROM a:1\n${before}${secret}${after}\n`;
      const report = lintText(text);
      const [found] = report.findings.filter(({ rule }) => rule.name === 'SecretValue');
      assert.is(
        found?.detail,
        `\`${place}\` holds ${name}: everybody with access to the image or the file can read it`,
      );
      const { start, end } = found!.range;
      const told = text.slice(start.offset, end.offset);
      assert.ok(secret.startsWith(told) || secret.includes(told), told);
      const printed = JSON.stringify(hideSecrets({ report, file: { name: 'Dockerfile', text } }));
      assert.not.ok(printed.includes(told));
    });
  }
}

test('secrets that only their surroundings tell', () => {
  const names = (text: string) =>
    findSecrets(text).map((secret) => `${secret.name} ${text.slice(secret.start, secret.end)}`);
  assert.equal(names(`aws_secret_access_key = ${mixed(40)}`), [`a secret key of AWS ${mixed(40)}`]);
  assert.equal(names('//registry.npmjs.org/:_authToken=0123-4567-89ab'), ['a token of npm 0123-4567-89ab']);
  assert.equal(names('git clone https://me:hunter22@example.com/x'), ['a password in a URL hunter22']);
  assert.equal(names('redis://:hunter22@cache:6379'), ['a password in a URL hunter22']);
  assert.equal(names(`AccountKey=${mixed(86)}==`), [`a key of Azure ${mixed(86)}==`]);
});

test('of a private key nothing is printed, on however many lines it stands', () => {
  const key = ['-----BEGIN RSA ', 'PRIVATE KEY-----'].join('');
  const lines = [mixed(64), mixed(60).toLowerCase(), mixed(20)];
  for (const between of ['\n', '\\n', '\\n\\\n', '\r\n']) {
    const text = `FROM a:1\nCOPY <<E /x\n${key}${between}${lines.join(between)}${between}-----END\nE\n`;
    const hidden = hideSecrets({ report: { findings: [], errors: [] }, file: { name: 'f', text } }).file.text;
    for (const line of lines) assert.not.ok(hidden.includes(line), hidden);
    assert.is(hidden.split('\n').length, text.split('\n').length);
  }
});

test('what only looks a little like a secret is none', () => {
  const harmless = [
    'https://example.com/a:b@c',
    'https://me:$TOKEN@example.com',
    'https://me:${TOKEN}@example.com',
    'postgres://postgres:postgres@localhost/x',
    '//registry.npmjs.org/:_authToken=${NPM_TOKEN}',
    'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    'npm_config_cache=/x',
    'hf_hub_download',
    'task-based-approach-to-something-longer',
    'ghp_short',
    '-----BEGIN PUBLIC KEY-----',
    'git@github.com:a/b.git',
  ];
  for (const text of harmless) assert.equal(findSecrets(text), [], text);
});

test('comments between instructions are not in the image', () => {
  const { findings } = lintText(`# ghp_${mixed(36)}\nFROM a:1\nENV A=b\n`);
  assert.equal(findings, []);
});

test('places stay what they are, and fixes that would write a secret out are left out of what is printed', () => {
  const secret = `ghp_${mixed(36)}`;
  const text = `FROM a:1\nCMD use ${secret}\nENV A ${secret}\n`;
  const report = lintText(text);
  const hidden = hideSecrets({ report, file: { name: 'f', text } });
  assert.is(hidden.file.text, text.replaceAll(secret, '*'.repeat(secret.length)));
  const titles = hidden.report.findings.flatMap(({ fixes }) => fixes.map(({ title }) => title));
  assert.equal(titles, ['write `key=value`']);
  const fixes = report.findings.flatMap((found) => found.fixes.filter(({ isSafe }) => isSafe));
  assert.ok(applyFixes(text, fixes).text.includes(`ENV A=${secret}`));
});

test('a file without secrets stays the same object', () => {
  const file = { name: 'f', text: 'FROM a:1\n' };
  assert.is(hideSecrets({ report: lintText(file.text), file }).file, file);
});

test('the time that a text takes is in proportion to its length, whatever it looks like', () => {
  const pieces = [
    'eyJ',
    'eyJaaaaaaaaaaaaa.',
    'a:',
    '://a:',
    '-----BEGIN ',
    'ghp_',
    'SK',
    'x',
    'aws_secret_key ',
    'AA',
    '0',
    'atlasv1.',
  ];
  for (const piece of pieces) {
    const once = timeOf(piece.repeat(50_000 / piece.length));
    assert.ok(once < 1500, `${piece}: ${once} ms`);
  }
  assert.ok(SECRET_SHAPES.length > 40);
});

test.run();

function timeOf(text: string): number {
  const start = performance.now();
  findSecrets(text);
  return performance.now() - start;
}
