import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseWithMemo } from '../../src/engine/build/inputs/parse-memo.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('memory of parsed build files');
const root = tempDir('parse-memo');

const memory = (directory: string, version = '1') => ({
  folder: () => directory,
  config: { version, now: () => '2024-05-10T00:00:00Z' },
});

async function kept(name: string, text: string): Promise<readonly string[]> {
  const directory = join(root, name);
  const first = await parseWithMemo(Buffer.from(text), memory(directory, '1'));
  assert.equal(
    JSON.parse(JSON.stringify(await parseWithMemo(Buffer.from(text), memory(directory, '1')))),
    plain(first),
  );
  return existsSync(directory) ? readdirSync(directory) : [];
}

const plain = (value: unknown) => JSON.parse(JSON.stringify(value));

test('a build file is parsed once', async () => {
  assert.is((await kept('plain', 'FROM scratch\nADD https://host/a@b /\n')).length, 1);
});

test('one with a user or password in a URL is kept nowhere', async () => {
  for (const [index, line] of [
    'ADD https://user:secret@host/file /',
    'ADD https://token@host/repository.git /',
    'RUN pip install --index-url http://u:p%40@[::1]:8080/simple x',
    'ENV "URL"="ftp://a:b@c/"',
  ].entries()) {
    assert.equal(await kept(`secret-${index}`, `FROM scratch\n${line}\n`), [], line);
  }
});

test('another version of the program parses again, and both are remembered', async () => {
  const directory = join(root, 'versions');
  for (const version of ['1', '2', '1']) await parseWithMemo(Buffer.from('FROM scratch\n'), memory(directory, version));
  assert.is(readdirSync(directory).length, 2);
});

test('a truncated or changed file is ignored: the text is parsed and stored again', async () => {
  const directory = join(root, 'torn');
  const text = Buffer.from('FROM scratch\nLABEL a=b\n');
  await parseWithMemo(text, memory(directory, '1'));
  const file = join(directory, readdirSync(directory)[0]!);
  const whole = readFileSync(file, 'utf8');
  for (const other of [whole.slice(0, 40), whole.replace('scratch', 'foreign')]) {
    writeFileSync(file, other);
    assert.is((await parseWithMemo(text, memory(directory, '1'))).instructions.length, 2);
    assert.is(readFileSync(file, 'utf8'), whole);
  }
});

test('two that parse the same text at once do not disturb each other, and leave one memory', async () => {
  const directory = join(root, 'at-once');
  const text = Buffer.from('FROM scratch\n');
  await Promise.all(Array.from({ length: 8 }, () => parseWithMemo(text, memory(directory, '1'))));
  assert.match(readdirSync(directory).join(), /^[0-9a-f]{64}\.json$/);
});

test('where nothing can be kept, it is parsed all the same', async () => {
  const file = join(root, 'no-folder');
  writeFileSync(file, '');
  assert.is((await parseWithMemo(Buffer.from('FROM scratch\n'), memory(file, '1'))).instructions.length, 1);
});

test.run();
