/**
 * `--ca` in a step: the authorities that its root filesystem trusts and the additional ones, in the form that each
 * program reads.
 */
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { type FileTree, resolveInTree } from '../../../content/index.ts';
import { readContent } from '../../../layer/index.ts';
import { javaKeyStore } from './java-key-store.ts';
import { certificatesIn, pemOf } from './pem.ts';

/** The folder of the certificate files within the step. */
export const CERTIFICATES_FOLDER = '/run/mkimage';

const BUNDLE = `${CERTIFICATES_FOLDER}/ca.pem`;

/** Variables that name a file of certificates in PEM. */
const BUNDLE_VARIABLES = [
  'SSL_CERT_FILE', // OpenSSL, Go, Ruby, Rust, PHP
  'SSL_CA_CERT_FILE', // apk
  'CURL_CA_BUNDLE',
  'GIT_SSL_CAINFO',
  'CARGO_HTTP_CAINFO',
  'NODE_EXTRA_CA_CERTS',
  'npm_config_cafile',
  'PIP_CERT',
  'REQUESTS_CA_BUNDLE',
  'AWS_CA_BUNDLE',
  'DENO_CERT',
  'NIX_SSL_CERT_FILE',
  'PERL_LWP_SSL_CA_FILE',
] as const;

const FILES = {
  'apt.conf': `Acquire::https::CaInfo "${BUNDLE}";\n`,
  wgetrc: `ca_certificate = ${BUNDLE}\n`,
} as const;

const FILE_VARIABLES = [`APT_CONFIG=${CERTIFICATES_FOLDER}/apt.conf`, `WGETRC=${CERTIFICATES_FOLDER}/wgetrc`] as const;

const JAVA = 'JAVA_TOOL_OPTIONS';
const JAVA_OPTION = `-Djavax.net.ssl.trustStore=${CERTIFICATES_FOLDER}/ca.jks`;

/**
 * Fills the folder that is mounted at `CERTIFICATES_FOLDER`. All users can read it, because steps change their user.
 */
export async function writeCertificates(folder: string, tree: FileTree, given: readonly Buffer[]): Promise<void> {
  const certificates = [...(await ownAuthorities(tree)), ...given];
  const files = { ...FILES, 'ca.pem': pemOf(certificates), 'ca.jks': javaKeyStore(certificates, 0) };
  mkdirSync(folder, { mode: 0o755 });
  chmodSync(folder, 0o755);
  for (const [name, content] of Object.entries(files)) {
    writeFileSync(join(folder, name), content);
    chmodSync(join(folder, name), 0o644);
  }
}

/** Returns `NAME=value` pairs for a step with the environment `env`. */
export function certificateVariables(env: readonly string[]): readonly string[] {
  const java = env.findLast((pair) => pair.startsWith(`${JAVA}=`))?.slice(JAVA.length + 1) ?? '';
  return [
    ...BUNDLE_VARIABLES.map((name) => `${name}=${BUNDLE}`),
    ...FILE_VARIABLES,
    `${JAVA}=${java === '' ? JAVA_OPTION : `${java} ${JAVA_OPTION}`}`,
  ];
}

/** Where distributions store trusted certificates. */
const BUNDLES = [
  'etc/ssl/certs/ca-certificates.crt', // Debian, Alpine, Arch
  'etc/pki/tls/certs/ca-bundle.crt', // Fedora, RHEL and related
  'etc/ssl/ca-bundle.pem', // openSUSE
  'etc/ssl/cert.pem',
] as const;

const MOST_BYTES = 16 * 1024 * 1024;

/** Returns the authorities that the root filesystem trusts. If it has none, returns those that Node trusts. */
async function ownAuthorities(tree: FileTree): Promise<readonly Buffer[]> {
  for (const name of BUNDLES) {
    const path = resolveInTree(tree, name);
    const entry = tree.stat(path);
    if (entry?.type !== 'file' || entry.size > MOST_BYTES) continue;
    const certificates = certificatesIn(readContent(entry, await tree.locate(path)));
    if (certificates.length > 0) return certificates;
  }
  return certificatesIn(Buffer.from(rootCertificates.join('\n')));
}
