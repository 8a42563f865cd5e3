/** Every environment variable that mkimage reads, as manual and docs show them. */

export interface Variable {
  readonly name: string;
  readonly about: string;
}

export const VARIABLES: readonly Variable[] = [
  {
    name: 'MKIMAGE_ROOT',
    about: 'directory of images and cache (default: `/var/lib/mkimage` for root, else `$XDG_DATA_HOME/mkimage`)',
  },
  {
    name: 'MKIMAGE_ISOLATION',
    about: 'isolation of RUN steps where `--isolation` is not given: auto, runc, crun, namespaces',
  },
  {
    name: 'MKIMAGE_KEEP_STORAGE',
    about: 'size under which the build cache is kept after builds, e.g. `20GB`, or `unlimited`',
  },
  {
    name: 'MKIMAGE_TRUSTED_HOSTS',
    about: 'hosts that a server may redirect to although they are in a private network, separated by commas',
  },
  { name: 'MKIMAGE_LIMIT_…', about: 'limits of what comes from elsewhere; `docs/limits.md` lists them' },
  {
    name: 'MKIMAGE_LOG',
    about:
      '`debug`, or some areas of the debug log with commas between: engine, plan, context, cache, store, registry, http, sandbox, step; `--log-level` comes first',
  },
  { name: 'MKIMAGE_LOG_FILE', about: 'file that the debug log is added to, in the place of standard error' },
  { name: 'MKIMAGE_GIT_LOCAL', about: '`1`: git contexts may name repositories of this machine' },
  {
    name: 'SOURCE_DATE_EPOCH',
    about: 'seconds since 1970: the time of the image and of files that are newer; or the name of a context',
  },
  { name: 'DOCKER_DEFAULT_PLATFORM', about: 'platform of images where `--platform` is not given' },
  { name: 'BUILDKIT_PROGRESS', about: 'form of progress where `--progress` is not given' },
  { name: 'BUILDX_METADATA_WARNINGS', about: '`1`: warnings are written to `--metadata-file` too' },
  { name: 'EXPERIMENTAL_BUILDKIT_SOURCE_POLICY', about: 'a policy for sources is refused, never ignored' },
  {
    name: 'HADOLINT_…',
    about:
      'settings of `mkimage lint`, as hadolint has them: FAILURE_THRESHOLD, FORMAT, IGNORE, NOFAIL, OVERRIDE_…, TRUSTED_REGISTRIES, REQUIRE_LABELS, STRICT_LABELS, DISABLE_IGNORE_PRAGMA',
  },
  { name: 'SSH_AUTH_SOCK', about: 'socket of the agent for `--ssh default`' },
  {
    name: 'HTTP_PROXY, HTTPS_PROXY, ALL_PROXY, NO_PROXY',
    about: 'proxies of what is fetched and of RUN steps; lower-case names come first',
  },
  { name: 'NODE_EXTRA_CA_CERTS', about: 'file (PEM) of more certificate authorities for what is fetched' },
  { name: 'XDG_DATA_HOME, XDG_CACHE_HOME', about: 'where files of the user go' },
  { name: 'NO_COLOR, TERM', about: 'no colours if NO_COLOR is set or TERM is `dumb`' },
  { name: 'TMPDIR', about: 'directory of temporary files' },
];
