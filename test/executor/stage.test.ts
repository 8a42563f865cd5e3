import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { workshop } from '../fakes/executor-services.ts';
import { rejects } from '../support/rejects.ts';

const test = suite('one stage');

const titlesOf = (events: readonly { readonly type: string; readonly name?: string }[]) =>
  events.flatMap((event) => (event.type === 'step-started' ? [event.name ?? ''] : []));

test('counts its steps as BuildKit does: FROM is the first, and edits of the config are none', async () => {
  const { events } = await workshop().build('FROM scratch\nENV A=1\nRUN nothing\nLABEL a=b\nRUN put a b\n');
  assert.equal(titlesOf(events), ['[2/3] RUN nothing', '[3/3] RUN put a b']);
});

test('has its name before the numbers, and its number where it is one of many', async () => {
  const { events } = await workshop().build('FROM scratch AS base\nRUN nothing\nFROM base\nRUN put a b\n');
  assert.equal(titlesOf(events), ['[base 2/2] RUN nothing', '[stage-1 2/2] RUN put a b']);
});

test('starts with the layers of its image, which are fetched when it starts', async () => {
  const shop = workshop();
  const { chain, config } = await shop.build('FROM one\nRUN put a b\n');
  assert.equal(shop.layers.fetched, ['docker.io/library/one:latest']);
  assert.is(chain.layers.length, 1);
  assert.equal(config.config.Env, ['PATH=/bin']);
});

test('starts with the layers and the history of another stage', async () => {
  const { files, config } = await workshop().build('FROM scratch AS a\nRUN put x 1\nFROM a\nRUN put y 2\n');
  assert.equal(files, ['x: 1', 'y: 2']);
  const commands = config.history.map(({ created_by = '' }) => /put \w \d/.exec(created_by)?.[0]);
  assert.equal(commands, ['put x 1', 'put y 2']);
});

test('starts with a directory that is a named context', async () => {
  const { files } = await workshop().build('FROM there\nRUN put y 2\n', {
    files: { x: '1' },
    plan: { contexts: { there: { kind: 'directory' } } },
  });
  assert.equal(files, ['x: 1', 'y: 2']);
});

test('takes its times from the cache, so that a cached build is the same image', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nRUN put a b\nENV X=1\nRUN put c d\n';
  const first = await shop.build(text);
  const { config } = await shop.build(text);
  assert.equal(config, first.config);
  const times = config.history.map(({ created }) => created);
  assert.equal(times, ['1970-01-01T00:00:01.000Z', '1970-01-01T00:00:01.000Z', '1970-01-01T00:00:02.000Z']);
  assert.is(config.created, times.at(-1));
});

test('has one time everywhere under SOURCE_DATE_EPOCH, in whole seconds', async () => {
  const { config } = await workshop().build('FROM scratch\nRUN put a b\nENV X=1\n', { epoch: 86_400 });
  assert.is(config.created, '1970-01-02T00:00:00Z');
  assert.equal([...new Set(config.history.map(({ created }) => created))], ['1970-01-02T00:00:00Z']);
});

test('names the first change as the cause of all that comes after it', async () => {
  const shop = workshop();
  const text = (word: string) => `FROM scratch\nRUN put a ${word}\nRUN put b 1\nRUN put c 1\n`;
  await shop.build(text('one'));
  const { reasons, cause } = await shop.build(text('two'));
  assert.is(reasons.length, 3);
  assert.match(reasons[0] ?? '', /command/);
  assert.equal(new Set(reasons.slice(1)), new Set([`RUN put a two: ${reasons[0]}`]));
  assert.is(cause, reasons[1]);
});

test('tells a stage that copies from it why it is another', async () => {
  const shop = workshop();
  const text = (word: string) => `FROM scratch AS a\nRUN put x ${word}\nFROM a\nRUN put y 1\n`;
  await shop.build(text('one'));
  const { reasons } = await shop.build(text('two'));
  assert.equal(reasons.at(-1), `RUN put x two: ${reasons[0]}`);
});

test('that comes to the same layer in another way leaves what is after it cached', async () => {
  const shop = workshop();
  await shop.build('FROM scratch\nRUN put a 1\nRUN put b 2\n');
  const { steps } = await shop.build('FROM scratch\nRUN nothing; put a 1\nRUN put b 2\n');
  assert.equal(steps, ['ran 0/2', 'cached 0/3']);
});

test('whose cache is not used runs all of its steps, and other stages do not', async () => {
  const shop = workshop();
  const text = 'FROM scratch AS one\nRUN put a 1\nFROM scratch AS two\nRUN put b 2\nFROM one\nCOPY --from=two / /\n';
  await shop.build(text);
  const { steps, reasons } = await shop.build(text, { services: { skipsCache: ({ name }) => name === 'one' } });
  assert.equal([...steps].sort(), ['cached 1/2', 'cached 2/2', 'ran 0/2']);
  assert.equal(reasons, ['the cache is not used (--no-cache)']);
});

test('gives every error of a step its place', async () => {
  const shop = workshop();
  const error = await rejects(shop.build('FROM scratch\nUSER nobody\nRUN nothing\n'), 'not-found', /user `nobody`/);
  assert.equal([error.place?.range.start.line, error.place?.step], [3, 'RUN nothing']);
  assert.match(error.hint ?? '', /create the user in an earlier step/);
});

test.run();
