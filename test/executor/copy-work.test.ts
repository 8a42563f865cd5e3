import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { FetchedSource, RemoteSources } from '../../src/executor/index.ts';
import { type Building, contextWith, workshop } from '../fakes/executor-services.ts';
import { file, tarOf } from '../layer/tar-samples.ts';
import { rejects } from '../support/rejects.ts';
import { treeOf } from '../support/tree-of.ts';

const test = suite('COPY, ADD and WORKDIR as steps');

const built = async (text: string, more: Building = {}) =>
  (await workshop().build(`FROM scratch\n${text}\n`, more)).files;

/** A server that has one file; says what was asked for and what was given back. */
function serving(content: string | Buffer, log: string[] = []): RemoteSources {
  const fetched = (name: string, identity: string): FetchedSource => ({
    tree: treeOf({ [name]: { text: content } }),
    path: name,
    name,
    identity,
    [Symbol.asyncDispose]: async () => void log.push(`close ${name}`),
  });
  return {
    http: async (url, checksum) => {
      log.push(`http ${url} ${checksum}`);
      return fetched(url.split('/').at(-1) ?? '', `sha256 of ${content}`);
    },
    git: async (url, { keepGitDir }) => {
      log.push(`git ${url} ${keepGitDir}`);
      return { ...fetched('checkout', 'commit 1'), path: '', tree: treeOf({ 'src/a': content.toString() }) };
    },
  };
}

test('a file of the context is copied', async () => {
  assert.equal(await built('COPY a /b', { files: { a: 'x' } }), ['b: x']);
});

test('a file of a stage is copied with its owner', async () => {
  const shop = workshop();
  const text = 'FROM scratch AS a\nCOPY --chown=7:8 x /x\nFROM scratch\nCOPY --from=a /x /y\n';
  const { files, chain } = await shop.build(text, { files: { x: '1' } });
  assert.equal(files, ['y: 1']);
  const tree = await shop.services.treeOf(chain, { signal: new AbortController().signal, report: () => {} });
  assert.equal([tree.stat('y')?.uid, tree.stat('y')?.gid], [7, 8]);
});

test('a heredoc is a file of its own', async () => {
  assert.equal(await built('COPY <<EOF /a\nline\nEOF'), ['a: line\n']);
});

test('only what is named is listed of a context', async () => {
  const scanned: string[] = [];
  const context = async () => contextWith({ 'd/a': '1', 'e/b': '2' }, scanned);
  await built('COPY d/a e/*.txt /x/', { services: { context } });
  assert.ok(scanned.includes('d/a') && scanned.includes('e'), scanned.join());
});

test('a file of a context that changed is another step, one that is not named is none', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nCOPY a /\n';
  await shop.build(text, { files: { a: '1', b: '1' } });
  assert.equal((await shop.build(text, { files: { a: '1', b: '2' } })).steps, ['cached 0/2']);
  const { steps, reasons } = await shop.build(text, { files: { a: '2', b: '2' } });
  assert.equal(steps, ['ran 0/2']);
  assert.match(reasons[0] ?? '', /^COPY a changed/);
});

test('times of files are no change', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nCOPY a /\n';
  await shop.build(text, { files: { a: { text: '1', mtime: 1 } } });
  assert.equal((await shop.build(text, { files: { a: { text: '1', mtime: 2 } } })).steps, ['cached 0/2']);
});

test('files of a stage are named by its chain before they are listed', async () => {
  const shop = workshop();
  const text = 'FROM scratch AS a\nRUN put x 1\nFROM scratch\nCOPY --from=a /x /\n';
  await shop.build(text);
  let trees = 0;
  const treeOf: typeof shop.services.treeOf = (chain, call) => {
    trees += 1;
    return shop.services.treeOf(chain, call);
  };
  const { steps } = await shop.build(text, { services: { treeOf } });
  assert.equal(steps, ['cached 0/2', 'cached 1/2']);
  assert.is(trees, 1, 'only the test itself looks at the result');
});

test('a copy with --link does not depend on what is below', async () => {
  const shop = workshop();
  const text = (word: string) => `FROM scratch\nRUN put a ${word}\nCOPY --link b /\n`;
  await shop.build(text('1'), { files: { b: '1' } });
  const { steps } = await shop.build(text('2'), { files: { b: '1' } });
  assert.equal(steps, ['ran 0/2', 'cached 0/3']);
});

test('a copy of what is there already adds no layer', async () => {
  const { chain, files } = await workshop().build('FROM scratch\nCOPY a /\nCOPY a /\n', { files: { a: '1' } });
  assert.equal([chain.layers.length, files], [1, ['a: 1']]);
});

test('a download is fetched for the key, named by what it is, and given back', async () => {
  const log: string[] = [];
  const shop = workshop();
  const text = 'FROM scratch\nADD --checksum=sha256:aa http://host/file /d/\n'.replace('aa', 'a'.repeat(64));
  const first = await shop.build(text, { services: { remote: serving('1', log) } });
  assert.equal(first.files, ['d/', 'd/file: 1']);
  assert.equal(log, [`http http://host/file sha256:${'a'.repeat(64)}`, 'close file']);
  assert.equal((await shop.build(text, { services: { remote: serving('1') } })).steps, ['cached 0/2']);
  assert.equal((await shop.build(text, { services: { remote: serving('2') } })).steps, ['ran 0/2']);
});

test('a repository is a directory, named by its commit', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nADD https://host/app.git /app\n';
  const remote = serving('1');
  assert.equal((await shop.build(text, { services: { remote } })).files, ['app/', 'app/src/', 'app/src/a: 1']);
  assert.equal((await shop.build(text, { services: { remote: serving('other') } })).steps, ['cached 0/2']);
});

test('what was fetched is given back also when something else fails', async () => {
  const log: string[] = [];
  const text = 'FROM scratch\nADD --chown=nobody http://host/file /\n';
  await rejects(workshop().build(text, { services: { remote: serving('1', log) } }), 'step-failed', /nobody/);
  assert.is(log.at(-1), 'close file');
});

test('a password in a URL is in no key', async () => {
  const shop = workshop();
  const text = 'FROM scratch\nADD http://me:hunter22@host/file /\n';
  await shop.build(text, { services: { remote: serving('1') } });
  const records = [...shop.services.cache.records()].map(({ record }) => JSON.stringify(record.parts));
  assert.not(records.join().includes('hunter22'));
});

test('an archive that ADD takes from the context is unpacked, and one that COPY takes is not', async () => {
  const files = { 'a.tar': { text: tarOf([file('in/x', '1')]) } };
  const { services } = workshop();
  assert.equal(await built('ADD a.tar /d/', { files }), ['d/', 'd/in/', 'd/in/x: 1']);
  assert.equal(
    (await built('COPY a.tar /d/', { files })).map((line) => line.split(':')[0]),
    ['d/', 'd/a.tar'],
  );
  assert.ok(services);
});

test('a directory is made with its parents, once', async () => {
  const { files, chain } = await workshop().build('FROM scratch\nWORKDIR /a/b\nWORKDIR /a/b\n');
  assert.equal([files, chain.layers.length], [['a/', 'a/b/'], 1]);
});

test('a directory belongs to the user in force if that is a number or known', async () => {
  const shop = workshop();
  const { chain } = await shop.build('FROM scratch\nUSER 7:8\nWORKDIR /w\n');
  const tree = await shop.services.treeOf(chain, { signal: new AbortController().signal, report: () => {} });
  assert.equal([tree.stat('w')?.uid, tree.stat('w')?.gid, tree.stat('w')?.mode], [7, 8, 0o755]);
});

test('an owner that the image does not know counts as root, with a warning', async () => {
  const text = 'FROM scratch\nCOPY passwd /etc/passwd\nCOPY --chown=nobody a /\n';
  const { events, files } = await workshop().build(text, { files: { passwd: 'app:x:1:1::/:\n', a: '1' } });
  assert.ok(files.includes('a: 1'));
  assert.match(
    events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])).join(),
    /`nobody` is not in/,
  );
});

test('directories that the build makes have a time of no day, or that of SOURCE_DATE_EPOCH', async () => {
  const timeOf = async (more: Building) => {
    const shop = workshop();
    const { chain } = await shop.build('FROM scratch\nWORKDIR /w\n', more);
    const tree = await shop.services.treeOf(chain, { signal: new AbortController().signal, report: () => {} });
    return tree.stat('w')?.mtime;
  };
  assert.is(await timeOf({}), Date.UTC(1980, 1, 1) / 1000);
  assert.is(await timeOf({ epoch: 77 }), 77);
});

test.run();
