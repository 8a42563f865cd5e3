import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { applyChmod } from '../../src/executor/copy/file-mode.ts';

const test = suite('chmod');

function changes(spec: string, before: number, after: number, isDirectory = false): void {
  test(`${spec} makes ${before.toString(8)} into ${after.toString(8)}${isDirectory ? ' (directory)' : ''}`, () => {
    assert.is(applyChmod(spec, before, isDirectory).toString(8), after.toString(8));
  });
}

changes('755', 0o600, 0o755);
changes('07777', 0, 0o7777);
changes('+x', 0o644, 0o755);
changes('u+x,g-r', 0o644, 0o704);
changes('a=r', 0o755, 0o444);
changes('go=u', 0o640, 0o666);
changes('u=rwX,go=rX', 0o600, 0o644);
changes('u=rwX,go=rX', 0o700, 0o755);
changes('u=rwX,go=rX', 0o600, 0o755, true);
changes('u+s,g+s', 0o755, 0o6755);
changes('+t', 0o755, 0o1755, true);
changes('o+t', 0o755, 0o755, true);
changes('u+st', 0o755, 0o5755);
changes('u=rwx,g=u', 0o6755, 0o2775);
changes('o-rwx', 0o777, 0o770);

test('what is no mode is refused', () => {
  assert.throws(() => applyChmod('u+q', 0, false), /invalid chmod/);
});

test.run();
