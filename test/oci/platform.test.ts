import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import {
  completePlatform,
  formatPlatform,
  formatWholePlatform,
  matchPlatform,
  normalizePlatform,
  parsePlatform,
  parseWantedPlatform,
  toHostPlatform,
} from '../../src/oci/index.ts';
import { refuses } from '../support/rejects.ts';

const test = suite('platform');
const host = { os: 'linux', architecture: 'amd64' };

/** As written, as containerd reads it, in canonical spelling. */
const spellings: readonly [written: string, read: string, canonical: string][] = [
  ['linux/amd64', 'linux/amd64', 'linux/amd64'],
  ['linux/x86_64', 'linux/amd64', 'linux/amd64'],
  ['Linux/AMD64/v1', 'linux/amd64', 'linux/amd64'],
  ['linux/amd64/v3', 'linux/amd64/v3', 'linux/amd64/v3'],
  ['linux/aarch64', 'linux/arm64', 'linux/arm64'],
  ['linux/arm64/v8', 'linux/arm64/v8', 'linux/arm64'],
  ['linux/arm64/9', 'linux/arm64/v9', 'linux/arm64/v9'],
  ['linux/arm', 'linux/arm', 'linux/arm/v7'],
  ['linux/arm/v7', 'linux/arm/v7', 'linux/arm/v7'],
  ['linux/arm/6', 'linux/arm/v6', 'linux/arm/v6'],
  ['linux/armhf', 'linux/arm', 'linux/arm/v7'],
  ['linux/armel', 'linux/arm/v6', 'linux/arm/v6'],
  ['linux/i386', 'linux/386', 'linux/386'],
  ['macos/arm64', 'darwin/arm64', 'darwin/arm64'],
  ['linux', 'linux/amd64', 'linux/amd64'],
  ['arm64', 'linux/arm64', 'linux/arm64'],
  ['armhf', 'linux/arm', 'linux/arm/v7'],
  ['windows', 'windows/amd64', 'windows/amd64'],
];

for (const [written, read, canonical] of spellings) {
  test(`\`${written}\` is ${read}, in canonical spelling ${canonical}`, () => {
    const platform = parsePlatform(written, host);
    assert.is(formatPlatform(platform), read);
    assert.is(formatPlatform(normalizePlatform(platform)), canonical);
  });
}

test('--platform is taken in canonical spelling, one word of it too, and `local` is the machine', () => {
  for (const [written, , canonical] of spellings) {
    assert.is(formatPlatform(completePlatform(parseWantedPlatform(written), host)), canonical, written);
  }
  assert.is(
    formatPlatform(completePlatform(parseWantedPlatform('local'), { ...host, variant: 'v2' })),
    'linux/amd64/v2',
  );
});

test('version and features of the os are written in brackets', () => {
  for (const text of ['windows(10.0.17763)/amd64', 'windows(10.0+win32k)/amd64', 'linux/arm/v6', 'linux(+a%2Bb)/386']) {
    assert.is(formatWholePlatform(parsePlatform(text)), text);
  }
});

for (const text of ['', '/', 'linux/', 'linux/amd64/v1/x', 'lin ux/amd64', 'nonsense', 'linux/*', 'linux/am..é']) {
  test(`\`${text}\` is no platform`, async () => {
    await refuses('usage', () => parsePlatform(text, host));
  });
}

test('one word is not enough without a host', async () => {
  await refuses('usage', () => parsePlatform('linux'));
});

test('version and features of the os are read', () => {
  assert.equal(parsePlatform('windows(10.0.17763+win32k)/amd64'), {
    os: 'windows',
    architecture: 'amd64',
    'os.version': '10.0.17763',
    'os.features': ['win32k'],
  });
});

test("Node's names of architectures are Go's", () => {
  assert.equal(
    ['x64', 'arm64', 'arm', 'ia32', 's390x'].map((arch) => formatPlatform(toHostPlatform(arch))),
    ['linux/amd64', 'linux/arm64', 'linux/arm/v7', 'linux/386', 'linux/s390x'],
  );
});

/** What an index offers, what is wanted, what is taken. */
const choices: readonly [offered: string, wanted: string, taken: string | undefined][] = [
  ['linux/arm64 linux/amd64', 'linux/amd64', 'linux/amd64'],
  ['linux/amd64/v2 linux/amd64', 'linux/amd64', 'linux/amd64'],
  ['linux/amd64 linux/amd64/v2 linux/amd64/v3', 'linux/amd64/v2', 'linux/amd64/v2'],
  ['linux/amd64', 'linux/amd64/v3', 'linux/amd64'],
  ['linux/386', 'linux/amd64', 'linux/386'],
  ['linux/amd64', 'linux/386', undefined],
  ['linux/arm64/v8', 'linux/arm64', 'linux/arm64/v8'],
  ['linux/arm/v5 linux/arm/v6', 'linux/arm/v7', 'linux/arm/v6'],
  ['linux/arm/v7', 'linux/arm/v6', undefined],
  ['linux/arm/v7', 'linux/arm64', 'linux/arm/v7'],
  ['linux/arm64', 'linux/arm64/v9', 'linux/arm64'],
  ['windows/amd64', 'linux/amd64', undefined],
];

for (const [offered, wanted, taken] of choices) {
  test(`of ${offered}, ${wanted} takes ${taken ?? 'none'}`, () => {
    const candidates = offered.split(' ').map((text) => ({ text, platform: parsePlatform(text) }));
    assert.is(matchPlatform(candidates, parsePlatform(wanted))?.text, taken);
  });
}

test('what does not say its platform is taken when nothing else fits', () => {
  const silent = { text: 'silent', platform: undefined };
  const other = { text: 'other', platform: parsePlatform('linux/s390x') };
  assert.is(matchPlatform([other, silent], host), silent);
  assert.is(matchPlatform([silent, { text: 'fits', platform: host }], host)?.text, 'fits');
});

test.run();
