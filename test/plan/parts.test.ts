import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseBuildFile } from '../../src/instructions/index.ts';
import { mergeCheckOptions, NO_CHECK_OPTIONS, readCheckComment, splitStages } from '../../src/plan/index.ts';
import { checkChecksum, checkMode, checkOwner } from '../../src/plan/lower/copy-flags.ts';
import { formatFileStepName, formatRunName, summarizeHeredoc } from '../../src/plan/lower/step-name.ts';
import { parseCheckOptions } from '../../src/plan/rules/check-options.ts';
import { findTarget } from '../../src/plan/stages/target.ts';
import { collectFault, Fault, toDiagnostic } from '../../src/plan/words/fault.ts';
import { cleanAbsolute, toRootRelative } from '../../src/plan/words/paths.ts';
import {
  EMPTY_SCOPE,
  listEnvironment,
  splitVariable,
  withEnvironment,
  withVariable,
} from '../../src/plan/words/scope.ts';
import { suggestNearest } from '../../src/plan/words/suggestion.ts';
import { errorsOf, planOf, warningsOf } from './plan-support.ts';

const test = suite('parts of the plan');

const RANGE = { start: { line: 1, column: 1, offset: 0 }, end: { line: 1, column: 2, offset: 1 } };
const codeOf = (work: () => void): string | undefined => {
  try {
    work();
    return undefined;
  } catch (error) {
    assert.instance(error, Fault);
    return (error as Fault).code;
  }
};

test('a fault becomes a diagnostic with its own range or that of the instruction', () => {
  const own = { start: RANGE.end, end: RANGE.end };
  assert.equal(toDiagnostic(new Fault('a', 'message', { hint: 'do' }), RANGE), {
    severity: 'error',
    code: 'a',
    message: 'message',
    hint: 'do',
    range: RANGE,
  });
  assert.equal(toDiagnostic(new Fault('a', 'message', { range: own }), RANGE).range, own);
});

test('faults are collected, and other errors are thrown', () => {
  const diagnostics: ReturnType<typeof toDiagnostic>[] = [];
  const refuse = () => {
    throw new Fault('a', 'message');
  };
  assert.is(collectFault(diagnostics, RANGE, refuse), undefined);
  assert.is(
    collectFault(diagnostics, RANGE, () => 1),
    1,
  );
  assert.equal(
    diagnostics.map(({ code }) => code),
    ['a'],
  );
  const fail = () => {
    throw new TypeError('bug');
  };
  assert.throws(() => collectFault(diagnostics, RANGE, fail), /bug/);
});

test('modes are octal up to 07777, or those of chmod', () => {
  const refused = (mode: string) => codeOf(() => checkMode(mode)) !== undefined;
  assert.equal(['644', '07777', '0', 'u=rwX,go=rX', '+x', 'a-w+r'].filter(refused), []);
  assert.equal(
    ['10000', '8', '', 'u', 'u=z', 'rw', 'u=r;g=w'].filter((mode) => !refused(mode)),
    [],
  );
});

test('owners with --link are numbers or root', () => {
  const refused = (owner: string) => codeOf(() => checkOwner(owner)) !== undefined;
  assert.equal(['0', '1:2', 'root', 'root:root', '1:'].filter(refused), []);
  assert.equal(
    ['app', '1:app', 'app:1', ''].filter((owner) => !refused(owner)),
    [],
  );
});

test('a checksum needs one remote source', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  assert.is(
    codeOf(() => checkChecksum(digest, ['https://a/b'])),
    undefined,
  );
  assert.is(
    codeOf(() => checkChecksum('abcdef1', ['https://a/b.git'])),
    undefined,
  );
  const refused: readonly (readonly [checksum: string, paths: readonly string[]])[] = [
    [digest, ['a']],
    [digest, ['https://a/b', 'https://a/c']],
    [digest, []],
    ['md5:1', ['https://a/b']],
  ];
  for (const [checksum, paths] of refused) {
    assert.is(
      codeOf(() => checkChecksum(checksum, paths)),
      'invalid-checksum',
      paths.join(' '),
    );
  }
});

test('check options have names, all, or an error switch', () => {
  assert.equal(parseCheckOptions('skip=A, B;error=true;experimental=all'), {
    skip: new Set(['A', 'B']),
    experimental: 'all',
    error: true,
  });
  assert.equal(parseCheckOptions('  '), NO_CHECK_OPTIONS);
  for (const text of ['skip', 'skp=A', 'error=maybe', ';']) {
    assert.is(
      codeOf(() => parseCheckOptions(text)),
      'check-option',
      text,
    );
  }
});

test('a comment above an instruction adds to the options of the file', () => {
  const file = parseCheckOptions('skip=A;error=true');
  const above = readCheckComment(' check=skip=B;experimental=C')!;
  assert.equal(mergeCheckOptions(file, above), {
    skip: new Set(['A', 'B']),
    experimental: new Set(['C']),
    error: true,
  });
  assert.is(mergeCheckOptions(file, readCheckComment('check=skip=all')!).skip, 'all');
});

test('a comment that is no option, or an invalid one, changes nothing', () => {
  assert.equal(['why', 'checks=skip=A', 'check=skp=A'].map(readCheckComment), [undefined, undefined, undefined]);
});

test('the environment keeps the order of assignments, and a new value moves to the end', () => {
  const scope = withEnvironment(EMPTY_SCOPE, ['A=1', 'B=2', 'C']);
  assert.equal(listEnvironment(scope), ['A=1', 'B=2', 'C=']);
  assert.is(listEnvironment(scope), listEnvironment(scope));
  assert.equal(listEnvironment(withVariable(scope, 'A', '3')), ['B=2', 'C=', 'A=3']);
  assert.equal(listEnvironment(withVariable(scope, 'D', '4')), ['A=1', 'B=2', 'C=', 'D=4']);
  assert.equal(listEnvironment(scope), ['A=1', 'B=2', 'C=']);
});

test('a variable ends at its first equals sign', () => {
  assert.equal(splitVariable('A=b=c'), ['A', 'b=c']);
  assert.equal(splitVariable('A'), ['A', '']);
});

test('paths stop at the root', () => {
  assert.equal(['', '/', 'a//b/./c/', '../../x', '/..'].map(cleanAbsolute), ['/', '/', '/a/b/c', '/x', '/']);
  assert.equal(['/', '/a/', '..'].map(toRootRelative), ['', 'a', '']);
});

test('the nearest name is a hint, and the right name needs none', () => {
  assert.is(suggestNearest('biuld', ['build', 'test']), 'did you mean `build`?');
  assert.is(suggestNearest('build', ['build', 'builder']), undefined);
  assert.is(suggestNearest('x', ['something']), undefined);
});

const stages = splitStages(parseBuildFile('FROM scratch AS one\nFROM scratch\nFROM scratch AS two\n')).stages;

test('a target is a name in any case, a number, or the last stage', () => {
  assert.equal(
    [undefined, '', 'ONE', '1', 'two'].map((target) => findTarget(stages, target).id),
    [2, 2, 0, 1, 2],
  );
});

test('an unknown target lists the stages or names the nearest', () => {
  const hintOf = (target: string) => {
    try {
      findTarget(stages, target);
    } catch (error) {
      return (error as Fault).hint;
    }
    return undefined;
  };
  assert.is(hintOf('onne'), 'did you mean `one`?');
  assert.is(hintOf('production'), 'known stages: one, two');
  assert.is(hintOf('9'), 'known stages: one, two');
});

test('the name of a RUN has the values of its variables', () => {
  const scope = withEnvironment(EMPTY_SCOPE, ['V=1', 'W=a b']);
  assert.is(formatRunName('run echo $V ${W} $X', scope), 'RUN echo 1 a b $X');
  assert.is(formatRunName(`RUN echo '$V' "$V" \\$V`, scope), `RUN echo '$V' "1" \\$V`);
  assert.is(formatRunName('RUN echo "$V', scope), 'RUN echo "$V');
  assert.is(formatRunName('RUN ${V:+yes} ${X:-no} ${X:?gone}', scope), 'RUN yes ${X:-no} ${X:?gone}');
});

test('the name of a COPY has no passwords', () => {
  const [, add] = parseBuildFile('FROM scratch\nADD $U /x\n').instructions;
  const [first] = add?.kind === 'add' ? add.sources : [];
  assert.is(first?.kind, 'path');
  const words = new Map(first?.kind === 'path' ? [[first.word, 'https://me:secret@host/a']] : []);
  assert.not.match(formatFileStepName('ADD $U /x', words), /secret/);
});

test('a heredoc is shown by its first line', () => {
  assert.is(summarizeHeredoc('\none\n'), 'one');
  assert.is(summarizeHeredoc('one\r\ntwo\n'), 'one...');
  assert.is(summarizeHeredoc(''), '');
});

test('EXPOSE warns about the casing of a protocol and about host ports', () => {
  assert.equal(warningsOf('FROM scratch\nEXPOSE 80/TCP\n'), ['2: ExposeProtoCasing']);
  assert.equal(warningsOf('FROM scratch\nEXPOSE 8080:80\n'), ['2: ExposeInvalidFormat']);
});

test('an undefined variable is reported once for each use, with the nearest name', () => {
  assert.equal(warningsOf('FROM scratch\nARG NAME=x\nENV A=$NAMES B=$NAMES\n'), ['3: UndefinedVar', '3: UndefinedVar']);
  assert.equal(warningsOf('FROM scratch\n# check=skip=UndefinedVar\nENV A=$B\n'), []);
});

test('stages that use each other are an error', () => {
  const [found, ...more] = errorsOf('FROM scratch AS a\nCOPY --from=b /x /x\nFROM scratch AS b\nCOPY --from=a /x /x\n');
  assert.match(found ?? '', /circular dependency detected on stage: .*a/);
  assert.equal(more, []);
});

test('a stage number that does not exist is an error', () => {
  assert.match(
    errorsOf('FROM scratch\nCOPY --from=5 /x /x\n')[0] ?? '',
    /invalid stage index 5 \(stages are numbered from 0 to 0\)/,
  );
});

test('a named context replaces a stage with all its instructions', () => {
  const contexts = { base: { kind: 'directory' } } as const;
  const { stages } = planOf('FROM missing AS base\nRUN x\nFROM scratch\nCOPY --from=base /x /y\n', { contexts });
  const [base] = stages;
  assert.equal(base?.base, { kind: 'context', context: 'base' });
  assert.equal(base?.steps, []);
});

test.run();
