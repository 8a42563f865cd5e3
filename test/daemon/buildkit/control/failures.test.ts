import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { toBuildkitQuotes, toFailure } from '../../../../src/daemon/buildkit/control/failures.ts';
import { MkimageError } from '../../../../src/errors.ts';

const test = suite('failures as BuildKit reports them');

const at = (line: number) => ({ line, column: 1, offset: 0 });
const range = { start: at(2), end: at(3) };
const file = { name: 'Dockerfile', text: 'FROM a\nRUN b\n' };

test('the place in the build file is a detail', () => {
  const error = new MkimageError(
    'step-failed',
    'process `/bin/sh -c a"b` did not complete successfully: exit code: 1',
    {
      place: { range, file },
    },
  );
  const { code, message, details } = toFailure(error).status;
  assert.is(code, 2);
  assert.is(message, 'process "/bin/sh -c a\\"b" did not complete successfully: exit code: 1');
  assert.is(details[0]?.typeUrl, 'github.com/moby/buildkit/errdefs.Source+json');
  assert.equal(JSON.parse(Buffer.from(details[0]!.value).toString()), {
    info: { filename: 'Dockerfile', data: Buffer.from(file.text).toString('base64') },
    ranges: [{ start: { line: 2 }, end: { line: 3 } }],
  });
});

test('of several faults the first one is shown', () => {
  const diagnostics = [
    { severity: 'error', code: 'x', message: 'one', hint: 'do', range },
    { severity: 'error', code: 'y', message: 'two', range },
  ] as const;
  const error = new MkimageError('build-file', '2 errors', { evidence: { file, diagnostics } });
  assert.is(toFailure(error).status.message, 'one (do)');
});

test('errors without a place have no details', () => {
  assert.equal(toFailure(new Error('x')).status, { code: 2, message: 'x', details: [] });
  assert.is(toFailure(new MkimageError('unsupported', 'no')).status.code, 12);
});

test('other messages keep their quotes', () => {
  assert.is(toBuildkitQuotes('find `a`: missing'), 'find `a`: missing');
  assert.is(toBuildkitQuotes('process `'), 'process `');
});

test.run();
