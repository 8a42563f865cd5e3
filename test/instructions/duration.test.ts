import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { parseDuration } from '../../src/instructions/text/duration.ts';

const test = suite('duration');

function lasts(text: string, nanoseconds: number | undefined): void {
  test(`${text} lasts ${nanoseconds}`, () => assert.is(parseDuration(text), nanoseconds));
}

lasts('0', 0);
lasts('5s', 5e9);
lasts('1h2m3s', 3_723e9);
lasts('1.5s', 1.5e9);
lasts('.5ms', 500_000);
lasts('1µs', 1_000);
lasts('-2m', -120e9);
lasts('5', undefined);
lasts('s', undefined);
lasts('1 s', undefined);
lasts('', undefined);
lasts('9999999h', undefined);

test.run();
