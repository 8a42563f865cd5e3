import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { javaKeyStore } from '../../../../src/executor/run/certificates/java-key-store.ts';
import { certificatesIn, pemOf } from '../../../../src/executor/run/certificates/pem.ts';
import {
  certificateVariables,
  writeCertificates,
} from '../../../../src/executor/run/certificates/step-certificates.ts';
import { tempDir } from '../../../support/temp.ts';
import { type Sketch, treeOf } from '../../../support/tree-of.ts';

const test = suite('certificate authorities of a step');
const root = tempDir('authorities');
const [ONE = '', TWO = '', THREE = ''] = rootCertificates;
const derOf = (pem: string): Buffer => certificatesIn(Buffer.from(pem))[0]!;
let folders = 0;

/** The authorities that a step gets in a root like this. */
async function trusted(sketch: Readonly<Record<string, Sketch>>, given: readonly Buffer[] = []) {
  folders += 1;
  const folder = join(root, String(folders));
  await writeCertificates(folder, treeOf(sketch), given);
  return { folder, certificates: certificatesIn(readFileSync(join(folder, 'ca.pem'))) };
}

test('are read from PEM with words around it, several at once, and from DER', () => {
  const text = `# first\n${ONE}\nwords\n${TWO}\n`;
  assert.equal(certificatesIn(Buffer.from(text)), [derOf(ONE), derOf(TWO)]);
  assert.equal(certificatesIn(derOf(ONE)), [derOf(ONE)]);
});

test('that cannot be read are left out', () => {
  const broken = ONE.replace(/[A-Za-z]{8}/, 'AAAAAAAA');
  assert.equal(certificatesIn(Buffer.from('no certificate')), []);
  assert.equal(certificatesIn(Buffer.from(`-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n${TWO}`)), [
    derOf(TWO),
  ]);
  assert.equal(certificatesIn(Buffer.from(`-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n`)), []);
  assert.ok(certificatesIn(Buffer.from(`${broken}\n${TWO}`)).length >= 1);
});

test('are written as PEM with lines of 64 characters, and come back the same', () => {
  const text = pemOf([derOf(ONE), derOf(TWO)]);
  assert.equal(certificatesIn(Buffer.from(text)), [derOf(ONE), derOf(TWO)]);
  assert.ok(text.split('\n').every((line) => line.length <= 64));
  assert.is(pemOf([]), '');
});

for (const path of [
  'etc/ssl/certs/ca-certificates.crt',
  'etc/pki/tls/certs/ca-bundle.crt',
  'etc/ssl/ca-bundle.pem',
  'etc/ssl/cert.pem',
]) {
  test(`are those of the image (/${path}) and the given ones`, async () => {
    const { certificates } = await trusted({ [path]: `${ONE}\n${TWO}\n` }, [derOf(THREE)]);
    assert.equal(certificates, [derOf(ONE), derOf(TWO), derOf(THREE)]);
  });
}

test('of an image are found behind a link', async () => {
  const { certificates } = await trusted({
    'etc/ssl/cert.pem': { link: '/usr/share/ca.pem' },
    'usr/share/ca.pem': ONE,
  });
  assert.equal(certificates, [derOf(ONE)]);
});

test('are those that Node trusts where the image says nothing', async () => {
  for (const sketch of [{}, { 'etc/ssl/cert.pem': 'none' }, { 'etc/ssl/cert.pem': { dir: {} } }] as const) {
    assert.is((await trusted(sketch)).certificates.length, rootCertificates.length);
  }
});

test('may be read by everybody in the step', async () => {
  const { folder } = await trusted({}, [derOf(ONE)]);
  assert.equal(readdirSync(folder).sort(), ['apt.conf', 'ca.jks', 'ca.pem', 'wgetrc']);
  assert.is(statSync(folder).mode & 0o777, 0o755);
  for (const name of readdirSync(folder)) assert.is(statSync(join(folder, name)).mode & 0o777, 0o644, name);
});

test('are told to programs by variables, and to Java beside the options that it has', () => {
  const plain = certificateVariables(['PATH=/bin']);
  assert.ok(plain.includes('SSL_CERT_FILE=/run/mkimage/ca.pem') && plain.includes('APT_CONFIG=/run/mkimage/apt.conf'));
  assert.is(plain.at(-1), 'JAVA_TOOL_OPTIONS=-Djavax.net.ssl.trustStore=/run/mkimage/ca.jks');
  const java = certificateVariables(['JAVA_TOOL_OPTIONS=-Xmx1g', 'JAVA_TOOL_OPTIONS=-Xmx2g']).at(-1);
  assert.is(java, 'JAVA_TOOL_OPTIONS=-Xmx2g -Djavax.net.ssl.trustStore=/run/mkimage/ca.jks');
  assert.is(new Set(plain.map((pair) => pair.split('=')[0])).size, plain.length);
});

/** Reads a JKS as Java does. */
function entriesOf(store: Buffer): readonly { readonly alias: string; readonly der: Buffer }[] {
  let at = 12;
  const number = (): number => {
    at += 4;
    return store.readUInt32BE(at - 4);
  };
  const text = (): string => {
    const length = store.readUInt16BE(at);
    at += 2 + length;
    return store.toString('latin1', at - length, at);
  };
  return Array.from({ length: store.readUInt32BE(8) }, () => {
    assert.is(number(), 2);
    const alias = text();
    at += 8;
    assert.is(text(), 'X.509');
    const length = number();
    at += length;
    return { alias, der: store.subarray(at - length, at) };
  });
}

test('for Java are a store of trusted certificates with its own names, sealed by the usual password', () => {
  const store = javaKeyStore([derOf(ONE), derOf(TWO)], 1_000);
  assert.equal([store.readUInt32BE(0), store.readUInt32BE(4)], [0xfeedfeed, 2]);
  assert.equal(entriesOf(store), [
    { alias: 'authority-0', der: derOf(ONE) },
    { alias: 'authority-1', der: derOf(TWO) },
  ]);
  const password = Buffer.from([...'changeit'].flatMap((letter) => [0, letter.charCodeAt(0)]));
  const seal = createHash('sha1').update(password).update('Mighty Aphrodite').update(store.subarray(0, -20)).digest();
  assert.equal(store.subarray(-20), seal);
});

test('for Java are a store also when there are none', () => {
  assert.equal(entriesOf(javaKeyStore([], 0)), []);
});

test.run();
