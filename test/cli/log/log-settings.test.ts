import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { readLogSettings } from '../../../src/cli/log/log-settings.ts';
import { LOG_AREAS } from '../../../src/progress.ts';

const test = suite('settings of the log');

const logs = (title: string, level: string | undefined, variable: string | undefined, areas: readonly string[]) =>
  test(title, () => {
    const env = variable === undefined ? {} : { MKIMAGE_LOG: variable };
    assert.equal([...(readLogSettings(level, env)?.areas ?? [])], areas);
  });

logs('nothing is logged unless somebody asks for it', undefined, undefined, []);
logs('nothing is logged for an empty variable', undefined, '', []);
logs('`debug` as a level logs all areas', 'debug', undefined, LOG_AREAS);
logs('`debug` in the variable logs all areas', undefined, 'debug', LOG_AREAS);
logs('areas in the variable are logged alone', undefined, 'registry, CACHE,', ['registry', 'cache']);
logs('all other levels log nothing', undefined, 'info', []);
logs('the flag comes before the variable', 'info', 'debug', []);
logs('the flag is for all areas', 'debug', 'cache', LOG_AREAS);

test('the file is that of the variable', () => {
  assert.is(readLogSettings('debug', {})?.file, undefined);
  assert.is(readLogSettings('debug', { MKIMAGE_LOG_FILE: '' })?.file, undefined);
  assert.is(readLogSettings('debug', { MKIMAGE_LOG_FILE: 'a.log' })?.file, 'a.log');
});

test('a word that is neither a level nor an area is refused with the nearest', () => {
  try {
    readLogSettings(undefined, { MKIMAGE_LOG: 'registri' });
    assert.unreachable();
  } catch (error) {
    assert.equal((error as { hint: string }).hint, 'did you mean `registry`?');
    assert.match((error as Error).message, 'read MKIMAGE_LOG: `registri` is neither a level nor an area');
  }
});

test.run();
