import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnswerHead } from '../../src/http/index.ts';
import { parseReference } from '../../src/oci/index.ts';
import { createDeletionRefusal, createPushRefusal, createRefusal } from '../../src/registry/registry-error.ts';

const test = suite('error answers of registries');

const answer = (status: number) => ({ status, header: () => undefined }) as unknown as AnswerHead;
const body = (value: unknown) => Buffer.from(JSON.stringify(value));
const refuse = (status: number, bytes: Uint8Array = Buffer.alloc(0)) =>
  createRefusal(answer(status), bytes, 'pull `a`');

test('the words of the registry are shown as Docker shows them, with the status', () => {
  const denied = body({ errors: [{ code: 'DENIED', message: 'requested access to the resource is denied' }] });
  assert.is(refuse(403, denied).message, 'pull `a`: denied: requested access to the resource is denied (status 403)');
  const twice = body({ errors: [{ code: 'UNAUTHORIZED', message: 'Unauthorized' }, { code: 'OTHER' }] });
  assert.is(refuse(401, twice).message, 'pull `a`: Unauthorized; OTHER (status 401)');
});

test('an answer without words of its own shows the status only', () => {
  const bodies = [Buffer.alloc(0), Buffer.from('<html>busy</html>'), body(null), body({ errors: 'x' }), body([])];
  for (const bytes of bodies) assert.is(refuse(503, bytes).message, 'pull `a`: status 503');
});

test('hostile words are cut, on one line, and without secrets', () => {
  const message = `x\u001b[31m\n${'y'.repeat(5000)} https://ann:secret@host.test/?token=secret`;
  const bytes = body({ errors: Array(100).fill({ code: 'BAD', message }) });
  const error = refuse(400, bytes);
  assert.ok(error.message.length < 2000, String(error.message.length));
  assert.not.match(error.message, /\u001b|\n|secret/);
  for (const value of [body({ errors: [null, 5, {}, { code: 7, message: [] }] }), Buffer.from('{"errors":[')])
    assert.is(refuse(400, value).code, 'registry');
});

test('the code and the hint depend on the status', () => {
  assert.is(refuse(404).code, 'not-found');
  assert.is(refuse(500).code, 'registry');
  assert.match(refuse(401).hint ?? '', /mkimage login/);
  assert.match(refuse(429).hint ?? '', /try again later/);
  assert.is(refuse(500).hint, undefined);
  const { evidence } = refuse(429, body({ errors: [{ code: 'TOOMANYREQUESTS' }] }));
  assert.equal(evidence, { status: 429, temporary: true, retryAfter: undefined, faults: ['TOOMANYREQUESTS'] });
});

test('a refused push says where to log in, and a refused deletion that it is not offered', () => {
  const change = { what: 'push `a`', reference: parseReference('registry.test/team/app:1') };
  const push = (status: number) => createPushRefusal(answer(status), Buffer.alloc(0), change);
  for (const status of [401, 403]) assert.match(push(status).hint ?? '', /`mkimage login registry\.test`/);
  assert.match(push(413).hint ?? '', /no body of this size/);
  const remove = (status: number) => createDeletionRefusal(answer(status), Buffer.alloc(0), change);
  for (const status of [405, 501]) assert.is(remove(status).code, 'unsupported');
  assert.match(remove(403).hint ?? '', /mkimage login/);
});

test.run();
