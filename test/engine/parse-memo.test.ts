import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseRemembered } from '../../src/engine/build/inputs/parse-memo.ts';
import { tempDir } from '../support/temp.ts';

const test = suite('memory of parsed build files');
const root = tempDir('parse-memo');

async function kept(name: string, text: string): Promise<readonly string[]> {
  const directory = join(root, name);
  const first = await parseRemembered(Buffer.from(text), directory, '1');
  assert.equal(JSON.parse(JSON.stringify(await parseRemembered(Buffer.from(text), directory, '1'))), plain(first));
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

test.run();
