import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyTemplate, formatWithTemplate } from '../../src/cli/go-template/index.ts';
import { isMkimageError } from '../../src/errors.ts';

const test = suite('templates of --format');

const container = {
  Id: '0123456789abcdef',
  State: { Running: true, ExitCode: 0, Health: null },
  Config: { Labels: { 'a.b': 'x', plain: 'y' }, Cmd: ['sh', '-c', 'true'], Env: [] },
  NetworkSettings: { Networks: { two: { IPAddress: '10.0.0.2' }, one: { IPAddress: '10.0.0.1' } } },
  Size: 1536,
};

// What Docker's own client prints for the same templates.
const cases: readonly (readonly [string, string, string])[] = [
  ['a field', '{{.Id}}', '0123456789abcdef'],
  ['a field of a field', '{{.State.Running}}/{{.State.ExitCode}}', 'true/0'],
  ['a list and a map', '{{.Config.Cmd}} {{.Config.Labels}}', '[sh -c true] map[a.b:x plain:y]'],
  ['a label by its name', '{{.Config.Labels.plain}} {{.Config.Labels.other}}', 'y <no value>'],
  ['a label with a point', '{{index .Config.Labels "a.b"}}[{{index .Config.Labels "no"}}]', 'x[]'],
  ['an element', '{{index .Config.Cmd 1}}', '-c'],
  ['JSON', '{{json .Config.Cmd}}', '["sh","-c","true"]'],
  [
    'range over a map, in the order of its keys',
    '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}',
    '10.0.0.1 10.0.0.2 ',
  ],
  [
    'range with variables',
    '{{range $k, $v := .NetworkSettings.Networks}}{{$k}}={{$v.IPAddress}};{{end}}',
    'one=10.0.0.1;two=10.0.0.2;',
  ],
  ['range over a list with its index', '{{range $i, $e := .Config.Cmd}}{{if $i}},{{end}}{{$e}}{{end}}', 'sh,-c,true'],
  ['range over nothing', '{{range .Config.Env}}x{{else}}none{{end}}', 'none'],
  ['if and else', '{{if .State.Health}}{{.State.Health.Status}}{{else}}unknown{{end}}', 'unknown'],
  ['else if', '{{if eq .Size 1}}a{{else if gt .Size 1000}}b{{else}}c{{end}}', 'b'],
  ['with', '{{with .Config}}{{len .Cmd}}{{end}}', '3'],
  ['the root in a block', '{{range .Config.Cmd}}{{$.Size}} {{end}}', '1536 1536 1536 '],
  ['a pipe', '{{.Config.Cmd | json | len}}', '18'],
  ['parentheses and a member of their value', '{{(index .NetworkSettings.Networks "one").IPAddress}}', '10.0.0.1'],
  ['join, split, upper', '{{join (split "a,b" ",") "+" | upper}}', 'A+B'],
  ['printf', '{{printf "%-4s|%4d|%04d|%q|%.3s" "ab" 12 7 "x" .Id}}', 'ab  |  12|0007|"x"|012'],
  ['truncate and pad', '{{pad (truncate .Id 3) 1 2}}|', ' 012  |'],
  ['and, or, not', '{{and true .Size}} {{or "" "else"}} {{not .State.Health}}', '1536 else true'],
  ['trimmed blanks', 'a  {{- " b " -}}  c', 'a b c'],
  ['a comment', 'a{{/* nothing */}}b', 'ab'],
  ['braces in a string', '{{"}}"}}{{`{{`}}', '}}{{'],
  ['a variable that changes', '{{$n := 1}}{{if true}}{{$n = 2}}{{end}}{{$n}}', '2'],
];

for (const [title, template, expected] of cases) {
  test(title, () => assert.is(applyTemplate(template, container), expected));
}

test('rows are lines, or columns with headings', () => {
  const rows = [
    { ID: 'one', Names: 'web' },
    { ID: 'three', Names: 'db' },
  ];
  assert.is(formatWithTemplate('{{.ID}}: {{.Names}}', rows), 'one: web\nthree: db\n');
  const table = formatWithTemplate('table {{.ID}}\\t{{upper .Names}}', rows, { ID: 'CONTAINER ID' });
  assert.equal(
    table
      .trimEnd()
      .split('\n')
      .map((line) => line.split(/ {2,}/)),
    [
      ['CONTAINER ID', 'NAMES'],
      ['one', 'WEB'],
      ['three', 'DB'],
    ],
  );
});

const faults: readonly (readonly [string, string])[] = [
  ['{{.Id', 'unclosed action'],
  ['{{if .Id}}x', '{{end}} is missing'],
  ['{{end}}', 'unexpected {{end}}'],
  ['{{nothing .Id}}', 'function "nothing" not defined'],
  ['{{constructor}}', 'function "constructor" not defined'],
  ['{{.Nothing}}', "can't evaluate field Nothing"],
  ['{{$x}}', 'undefined variable "$x"'],
  ['{{(.Id}}', 'unclosed left paren'],
  ['{{.Id | }}', 'missing value for command'],
  ['{{index .Config.Cmd 9}}', 'index out of range: 9'],
  ['{{"a}}', 'unterminated quoted string'],
  ['{{range .Size}}{{end}}', "range can't iterate over 1536"],
];

for (const [template, message] of faults) {
  test(`${template} is refused`, () => {
    assert.throws(
      () => applyTemplate(template, container),
      (error: unknown) => isMkimageError(error) && error.code === 'usage' && error.message.includes(message),
    );
  });
}

test.run();
