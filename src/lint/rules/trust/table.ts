/**
 * Flags, settings and variables that disable the verification of certificates or signatures. A setting is a name followed by a
 * value, in any notation: `http.sslVerify=false`, `strict-ssl false`, `[trusted=yes]`.
 */
export interface TrustFlag {
  readonly programs: RegExp;
  /** Long flags and one-letter flags (`-k`). */
  readonly flags: readonly string[];
  /** One-letter flags that take the rest of the word as value: `-ok` is `-o` with the value `k`, not `-k`. */
  readonly valued?: string;
}

export const TRUST_FLAGS: readonly TrustFlag[] = [
  {
    programs: /^curl$/,
    flags: ['-k', '--insecure', '--proxy-insecure', '--doh-insecure'],
    valued: 'AbcCdDeEFhHKmoPQrtTuUwxXyYz',
  },
  { programs: /^wget2?$/, flags: ['--no-check-certificate'] },
  {
    programs: /^(?:apt|apt-get|aptitude)$/,
    flags: ['--allow-unauthenticated', '--force-yes', '--allow-insecure-repositories'],
  },
  { programs: /^add-apt-repository$/, flags: ['--no-check-certificate'] },
  { programs: /^(?:yum|dnf5?|microdnf|tdnf)$/, flags: ['--nogpgcheck', '--no-gpgchecks', '--nogpg'] },
  { programs: /^rpm$/, flags: ['--nosignature', '--nodigest', '--noverify'] },
  {
    programs: /^zypper$/,
    flags: ['--no-gpg-checks', '--no-gpgcheck', '--allow-unsigned-rpm', '--gpg-auto-import-keys', '-G'],
  },
  { programs: /^apk$/, flags: ['--allow-untrusted', '--no-check-certificate'] },
  { programs: /^opkg$/, flags: ['--no-check-certificate', '--force-signature'] },
  { programs: /^debootstrap$/, flags: ['--no-check-gpg'] },
  { programs: /^(?:npm|yarn|pnpm|npx)$/, flags: ['--no-strict-ssl'] },
  {
    programs: /^(?:pip[\d.]*|pipx|uv|python[\d.]*|poetry)$/,
    flags: ['--trusted-host', 'global.trusted-host', 'install.trusted-host', '--allow-insecure-host'],
  },
  { programs: /^conda|^mamba|^micromamba/, flags: ['--insecure', '-k'] },
  { programs: /^go$/, flags: ['-insecure'] },
  { programs: /^composer$/, flags: ['--disable-tls'] },
  { programs: /^ansible-galaxy$/, flags: ['--ignore-certs', '-c'] },
  { programs: /^(?:kubectl|oc|helm)$/, flags: ['--insecure-skip-tls-verify', '--plain-http'] },
  { programs: /^(?:crane|oras|regctl|skopeo|mc)$/, flags: ['--insecure', '--insecure-policy', '--plain-http'] },
  { programs: /^vault$/, flags: ['-tls-skip-verify', '--tls-skip-verify'] },
  { programs: /^aws$/, flags: ['--no-verify-ssl'] },
  { programs: /^svn$/, flags: ['--trust-server-cert', '--trust-server-cert-failures'] },
];

const OFF = new Set(['false', '0', 'no', 'off', 'never', 'none', 'disable', 'disabled']);
const ON = new Set(['true', '1', 'yes', 'on', 'enable', 'enabled']);

/** Settings that must not be off, in lower case and without the part before the last dot. */
const HARMFUL_IF_OFF = new Set([
  'sslverify',
  'ssl_verify',
  'ssl-verify',
  'ssl_verify_mode',
  'strict-ssl',
  'strict_ssl',
  'enablestrictssl',
  'verify-ssl',
  'verify-peer',
  'verify-host',
  'verify-certificate',
  'tls-verify',
  'src-tls-verify',
  'dest-tls-verify',
  'check-certificate',
  'check_certificate',
  'stricthostkeychecking',
  'gpgcheck',
  'pkg_gpgcheck',
  'localpkg_gpgcheck',
  'siglevel',
  'secure-http',
]);

/** Settings that must not be on. */
const HARMFUL_IF_ON = new Set([
  'allowunauthenticated',
  'allowinsecurerepositories',
  'trusted',
  'insecure',
  'allowall',
  'disable-tls',
  'insecure-skip-tls-verify',
  'skip-tls-verify',
]);

/** True if the setting with this value disables a verification. */
export function isHarmfulSetting(name: string, value: string): boolean {
  return (HARMFUL_IF_OFF.has(name) && OFF.has(value)) || (HARMFUL_IF_ON.has(name) && ON.has(value));
}

/** Environment variables in upper case, and a test for values that disable a verification. */
const VARIABLES: Readonly<Record<string, (value: string) => boolean>> = {
  NODE_TLS_REJECT_UNAUTHORIZED: isOff,
  NPM_CONFIG_STRICT_SSL: isOff,
  YARN_STRICT_SSL: isOff,
  YARN_ENABLE_STRICT_SSL: isOff,
  GIT_SSL_NO_VERIFY: isNotOff,
  PYTHONHTTPSVERIFY: isOff,
  PIP_TRUSTED_HOST: isNotOff,
  UV_INSECURE_HOST: isNotOff,
  CONDA_SSL_VERIFY: isOff,
  BUNDLE_SSL_VERIFY_MODE: isOff,
  GOINSECURE: isNotOff,
  GONOSUMDB: isNotOff,
  GONOSUMCHECK: isNotOff,
  GOSUMDB: isOff,
  PERL_LWP_SSL_VERIFY_HOSTNAME: isOff,
  VAULT_SKIP_VERIFY: isNotOff,
  AZURE_CLI_DISABLE_CONNECTION_VERIFICATION: isNotOff,
  ANSIBLE_HOST_KEY_CHECKING: isOff,
};

export function isHarmfulVariable(name: string, value: string): boolean {
  const upper = name.toUpperCase();
  return Object.hasOwn(VARIABLES, upper) && VARIABLES[upper]!(value.trim().toLowerCase());
}

function isOff(value: string): boolean {
  return OFF.has(value);
}

/** False for a value that starts with a variable, because its value is unknown. */
function isNotOff(value: string): boolean {
  return value !== '' && !OFF.has(value) && !value.startsWith('$');
}
