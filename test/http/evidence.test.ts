import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { MkimageError } from '../../src/errors.ts';
import { evidenceOf, readFault, toExchangeError } from '../../src/http/evidence.ts';
import type { HttpRules } from '../../src/http/request.ts';

const test = suite('evidence of failed requests');

const rules: HttpRules = {
  code: 'network',
  describe: ({ host }) => `reach \`${host}\``,
  reach: 'internet',
  plainHttp: 'this-machine',
};
const url = new URL('https://registry.test/v2/');
const failWith = (code: string, message = code) =>
  toExchangeError(Object.assign(new Error(message), { code }), { url, rules });
const answerWith = (status: number, headers: Readonly<Record<string, string>> = {}) =>
  evidenceOf({ status, header: (name) => headers[name] });

test('only statuses that may be different next time are temporary', () => {
  const temporary = [408, 429, 500, 502, 503, 504];
  for (const status of [400, 401, 403, 404, 408, 409, 413, 429, 500, 501, 502, 503, 504, 505])
    assert.is(answerWith(status).temporary, temporary.includes(status), String(status));
});

test('Retry-After is read as seconds, or as a date after the date of the answer', () => {
  const date = 'Wed, 21 Oct 2026 07:28:00 GMT';
  const wait = (value: string, now?: string) =>
    answerWith(429, { 'retry-after': value, ...(now === undefined ? {} : { date: now }) }).retryAfter;
  assert.is(wait('120'), 120_000);
  assert.is(wait('0'), 0);
  assert.is(wait('Wed, 21 Oct 2026 07:28:30 GMT', date), 30_000);
  assert.is(wait('Wed, 21 Oct 2026 07:00:00 GMT', date), 0, 'a date in the past');
  assert.is(wait('Wed, 21 Oct 2026 07:28:30 GMT'), undefined, 'the clock of the server is not known');
  for (const value of ['soon', '-5', '1.5', '99999999999']) assert.is(wait(value, date), undefined, value);
});

test('a failure says what was done, and has a hint if the user can do something', () => {
  const error = failWith('ECONNREFUSED', 'connect ECONNREFUSED 192.0.2.1:443');
  assert.is(error.code, 'network');
  assert.is(error.message, 'reach `registry.test`: connect ECONNREFUSED 192.0.2.1:443');
  assert.match(error.hint ?? '', /nothing listens there/);
  assert.match(failWith('ENOTFOUND').hint ?? '', /could not be looked up/);
  assert.match(failWith('CERT_HAS_EXPIRED').hint ?? '', /not trusted/);
  assert.match(failWith('ERR_SSL_WRONG_VERSION_NUMBER').hint ?? '', /does not speak TLS/);
  assert.is(failWith('ECONNRESET').hint, undefined);
});

test('the reason may be in a cause, or in the first of several errors', () => {
  const inner = Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' });
  const outer = new TypeError('fetch failed', { cause: inner });
  assert.is(readFault(toExchangeError(outer, { url, rules })).temporary, true);
  const many = Object.assign(new AggregateError([new Error('connect to ::1')], ''), { code: 'ECONNREFUSED' });
  assert.match(toExchangeError(many, { url, rules }).message, /connect to ::1$/);
});

test('the facts for a retry are read from the error', () => {
  assert.equal(readFault(failWith('ECONNRESET')), { temporary: true, retryAfter: undefined, unsent: false });
  assert.equal(readFault(failWith('EAI_AGAIN')), { temporary: true, retryAfter: undefined, unsent: true });
  const lasting = { temporary: false, retryAfter: undefined, unsent: false };
  for (const error of [failWith('ENOTFOUND'), new Error('other'), undefined]) assert.equal(readFault(error), lasting);
  const evidence = answerWith(503, { 'retry-after': '7' });
  const refused = new MkimageError('registry', 'busy', { evidence: { ...evidence, faults: [] } });
  assert.equal(readFault(refused), { temporary: true, retryAfter: 7000, unsent: false });
});

test('an error of our own stays as it is', () => {
  const own = new MkimageError('cancelled', 'cancelled');
  assert.is(toExchangeError(own, { url, rules }), own);
});

test('the text of a server or a system is one line without secrets', () => {
  const { message } = failWith('X', 'bad\nthing at https://ann:secret1@host.test/a?token=secret2\u001b[2J');
  assert.not.match(message, /secret|\n|\u001b/);
});

test.run();
