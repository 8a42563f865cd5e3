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
    about: 'default for `--isolation`: auto, runc, crun, namespaces, chroot',
  },
  {
    name: 'MKIMAGE_USER_NAMESPACE',
    about: 'set by mkimage when an ordinary user enters a user namespace; if you set it, mkimage enters none',
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
    name: 'ACTIONS_RESULTS_URL, ACTIONS_CACHE_URL, ACTIONS_RUNTIME_TOKEN, ACTIONS_CACHE_SERVICE_V2',
    about: 'cache service of GitHub Actions for `--cache-to` and `--cache-from type=gha`; a workflow must pass them on',
  },
  {
    name: 'AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN',
    about: 'keys for `--cache-to` and `--cache-from type=s3`; options of the flags take precedence',
  },
  {
    name: 'AWS_SHARED_CREDENTIALS_FILE, AWS_PROFILE',
    about: 'file with such keys (default: `~/.aws/credentials`) and the profile that is read from it',
  },
  {
    name: 'AWS_BUCKET, AWS_REGION, AWS_DEFAULT_REGION',
    about: 'bucket and region for `type=s3` if the flag names none',
  },
  {
    name: 'KANIKO_REGISTRY_MIRROR, KANIKO_REGISTRY_MAP, GIT_PULL_METHOD, GIT_TOKEN, GIT_USERNAME, GIT_PASSWORD',
    about: 'for `mkimage executor`: mirrors of registries, and how git contexts are fetched and who logs in',
  },
  {
    name: 'DOCKER_CONFIG',
    about: "directory of Docker's `config.json` with the credentials of registries (default: `~/.docker`)",
  },
  {
    name: 'DOCKER_AUTH_CONFIG',
    about: "credentials of registries as the JSON of Docker's `config.json`; they take precedence over files",
  },
  {
    name: 'REGISTRY_AUTH_FILE',
    about: 'file with the credentials of registries in the format of Podman; no other file is used then',
  },
  {
    name: 'XDG_RUNTIME_DIR, XDG_CONFIG_HOME',
    about: "parent directories of Podman's `containers/auth.json` and of other settings of registries",
  },
  {
    name: 'CONTAINERS_REGISTRIES_CONF',
    about: 'file in the format of `registries.conf`, read instead of those of Podman',
  },
  {
    name: 'MKIMAGE_REGISTRIES_CONF',
    about:
      'file in the format of `registries.conf` with mirrors and other settings of registries, read last (default: `~/.config/mkimage/registries.conf` and `/etc/mkimage/registries.conf`)',
  },
  {
    name: 'SSL_CERT_FILE',
    about: 'PEM file with additional certificate authorities for downloads',
  },
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
  {
    name: 'SSH_KNOWN_HOSTS',
    about: 'file with the host keys of git servers (default: `~/.ssh/known_hosts` and `/etc/ssh/ssh_known_hosts`)',
  },
  {
    name: 'MKIMAGE_SSH_HOST_KEYS',
    about: '`accept`: accept every host key of git servers (default: `strict`)',
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
