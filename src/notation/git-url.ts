/** Parts of a git URL such as `https://host/repo.git#ref:subdir` or `…?ref=…&subdir=…`. */
export interface GitUrlParts {
  /** The URL for git, without query and fragment. */
  readonly remote: string;
  /** Without its `?`, still encoded. */
  readonly query: string;
  /** Without its `#`, decoded. */
  readonly fragment: string;
  /** `github.com/…`, which could also be a path. Only a build context may use this form. */
  readonly looksLocal: boolean;
}

const WITH_SCHEME = /^(?<scheme>https?|ssh|git):\/\/(?<rest>[^?#]*)(?:\?(?<query>[^#]*))?(?:#(?<fragment>.*))?$/is;
const SCP_STYLE = /^(?<remote>[a-z0-9_-]+@[a-z0-9.-]+:[^?#\n]*)(?:\?(?<query>[^#\n]*))?(?:#(?<fragment>.*))?$/i;

/** Splits a git URL. Returns undefined for paths and other URLs. As in BuildKit, an http URL is a git URL only if its path ends in `.git`. */
export function splitGitUrl(text: string): GitUrlParts | undefined {
  if (/^\.\.?\//.test(text)) return undefined;
  const looksLocal = text.startsWith('github.com/');
  const parts = splitUrl(looksLocal ? `https://${text}` : text) ?? splitScp(text);
  if (parts === undefined) return undefined;
  const isHttp = /^https?:/i.test(parts.remote);
  if (isHttp && !looksLocal && !decode(parts.remote).endsWith('.git')) return undefined;
  return { ...parts, looksLocal };
}

type Parts = Omit<GitUrlParts, 'looksLocal'>;

function splitUrl(text: string): Parts | undefined {
  const groups = WITH_SCHEME.exec(text)?.groups;
  if (groups === undefined || !URL.canParse(text)) return undefined;
  const { scheme = '', rest = '', query = '', fragment = '' } = groups;
  return { remote: `${scheme.toLowerCase()}://${rest}`, query, fragment: decode(fragment) };
}

/** Splits `git@github.com:owner/repo.git#ref`. */
function splitScp(text: string): Parts | undefined {
  const groups = SCP_STYLE.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const { remote = '', query = '', fragment = '' } = groups;
  return { remote, query, fragment };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
