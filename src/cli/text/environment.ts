/** Every environment variable that mkimage reads, with the texts for the manual and the docs. */

export interface Variable {
  readonly name: string;
  readonly about: string;
}

export const VARIABLES: readonly Variable[] = [
  {
    name: 'MKIMAGE_ROOT',
    about:
      'directory of the local store (default: `/var/lib/mkimage` for root, `$XDG_DATA_HOME/mkimage` for other users)',
  },
  {
    name: 'MKIMAGE_ISOLATION',
    about: 'default for `--isolation`: auto, runc, crun, namespaces',
  },
  {
    name: 'MKIMAGE_KEEP_STORAGE',
    about: 'maximum size of the build cache after a build, e.g. `20GB`, or `unlimited`',
  },
  {
    name: 'MKIMAGE_TRUSTED_HOSTS',
    about: 'comma-separated hosts in private networks that redirects may lead to',
  },
  { name: 'MKIMAGE_LIMIT_…', about: 'limits for untrusted input; see `docs/limits.md`' },
  {
    name: 'MKIMAGE_LOG',
    about:
      '`debug`, or comma-separated areas of the debug log: engine, plan, context, cache, store, registry, http, sandbox, step; `--log-level` takes precedence',
  },
  { name: 'MKIMAGE_LOG_FILE', about: 'file that the debug log is appended to, instead of standard error' },
  { name: 'MKIMAGE_GIT_LOCAL', about: '`1`: allow repositories of this machine as git contexts' },
  {
    name: 'SOURCE_DATE_EPOCH',
    about:
      'timestamp of the image, in seconds since 1970; newer files get the same timestamp. Or the name of a context',
  },
  { name: 'DOCKER_DEFAULT_PLATFORM', about: 'default for `--platform`' },
  { name: 'BUILDKIT_PROGRESS', about: 'default for `--progress`' },
  { name: 'BUILDX_METADATA_WARNINGS', about: '`1`: write warnings to `--metadata-file`' },
  {
    name: 'EXPERIMENTAL_BUILDKIT_SOURCE_POLICY',
    about: 'source policies are not supported; the build fails if this is set',
  },
  {
    name: 'HADOLINT_…',
    about:
      'settings of `mkimage lint` with the same meaning as in hadolint: FAILURE_THRESHOLD, FORMAT, IGNORE, NOFAIL, OVERRIDE_…, TRUSTED_REGISTRIES, REQUIRE_LABELS, STRICT_LABELS, DISABLE_IGNORE_PRAGMA',
  },
  { name: 'SSH_AUTH_SOCK', about: 'SSH agent socket for `--ssh default`' },
  {
    name: 'HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY',
    about: 'proxies for downloads and for RUN instructions; lower-case names take precedence',
  },
  { name: 'NODE_EXTRA_CA_CERTS', about: 'PEM file with additional certificate authorities for downloads' },
  { name: 'XDG_DATA_HOME, XDG_CACHE_HOME', about: 'parent directories of the local store and of the cache' },
  { name: 'NO_COLOR, TERM', about: 'colours are disabled if NO_COLOR is set or TERM is `dumb`' },
  { name: 'TMPDIR', about: 'directory for temporary files' },
];
