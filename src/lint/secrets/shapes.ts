/**
 * Patterns of secrets that are clearly different from other text: most services use a prefix of their own. To keep matching time
 * linear, a pattern only starts where no character of the token precedes it, or its length is limited.
 */
export interface SecretShape {
  readonly name: string;
  readonly pattern: RegExp;
}

/** A pattern for `beginning` and then at least `least` characters of the class `letters`. */
function createTokenShape(
  name: string,
  beginning: string,
  { letters, least }: { readonly letters: string; readonly least: number },
): SecretShape {
  return { name, pattern: new RegExp(`(?<![A-Za-z0-9_-])(?:${beginning})[${letters}]{${least},}`, 'g') };
}

const WORD = 'A-Za-z0-9_-';

export const SECRET_SHAPES: readonly SecretShape[] = [
  {
    name: 'a private key',
    pattern: /-----BEGIN [A-Z0-9 ]{0,32}PRIVATE KEY(?: BLOCK)?-----(?:(?:\\n|[\\\s])+[A-Za-z0-9+/=]{8,128})*/g,
  },
  { name: 'an access key of AWS', pattern: /(?<![A-Za-z0-9_-])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g },
  {
    name: 'a secret key of AWS',
    pattern:
      /(?<=aws_?secret_?(?:access_?)?key["']?[ \t]{0,4}[=: ][ \t]{0,4}["']?)[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+=])/gi,
  },
  createTokenShape('a token of GitHub', 'gh[pousr]_', { letters: 'A-Za-z0-9', least: 30 }),
  createTokenShape('a token of GitHub', 'github_pat_', { letters: 'A-Za-z0-9_', least: 30 }),
  createTokenShape('a token of GitLab', 'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-', { letters: WORD, least: 20 }),
  createTokenShape('a token of Slack', 'xox[abeoprs]-', { letters: 'A-Za-z0-9-', least: 10 }),
  createTokenShape('a token of Slack', 'xapp-', { letters: 'A-Za-z0-9-', least: 20 }),
  {
    name: 'a web hook of Slack',
    pattern: /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9]{1,32}\/[A-Za-z0-9]{1,32}\/[A-Za-z0-9]{8,64}/g,
  },
  createTokenShape('a key of Stripe', '[sr]k_(?:live|test)_', { letters: 'A-Za-z0-9', least: 16 }),
  createTokenShape('a key of Stripe', 'whsec_', { letters: 'A-Za-z0-9', least: 24 }),
  createTokenShape('a key of Google', 'AIza', { letters: WORD, least: 35 }),
  createTokenShape('a token of Google', 'GOCSPX-', { letters: WORD, least: 24 }),
  createTokenShape('a token of Google', 'ya29\\.', { letters: WORD, least: 20 }),
  createTokenShape('a token of npm', 'npm_', { letters: 'A-Za-z0-9', least: 36 }),
  { name: 'a token of npm', pattern: /(?<=:_(?:authToken|auth|password)=["']?)[A-Za-z0-9+/=_.-]{8,512}/g },
  createTokenShape('a token of PyPI', 'pypi-AgE', { letters: WORD, least: 40 }),
  createTokenShape('a token of RubyGems', 'rubygems_', { letters: 'a-f0-9', least: 48 }),
  createTokenShape('a token of crates.io', 'cio', { letters: 'A-Za-z0-9', least: 32 }),
  createTokenShape('a token of Docker Hub', 'dckr_[a-z]{3,4}_', { letters: WORD, least: 24 }),
  createTokenShape('a key of OpenAI', 'sk-(?:proj|svcacct|admin)-', { letters: WORD, least: 20 }),
  createTokenShape('a key of OpenAI', 'sk-', { letters: 'A-Za-z0-9', least: 32 }),
  createTokenShape('a key of Anthropic', 'sk-ant-', { letters: WORD, least: 20 }),
  createTokenShape('a token of Hugging Face', 'hf_', { letters: 'A-Za-z0-9', least: 30 }),
  createTokenShape('a key of SendGrid', 'SG\\.', { letters: 'A-Za-z0-9_.-', least: 60 }),
  createTokenShape('a key of Twilio', 'SK', { letters: 'a-f0-9', least: 32 }),
  createTokenShape('a key of Mailgun', 'key-', { letters: 'a-f0-9', least: 32 }),
  createTokenShape('a key of Mailchimp', '[a-f0-9]{32}-us', { letters: '0-9', least: 1 }),
  createTokenShape('a token of DigitalOcean', 'do[opr]_v1_', { letters: 'a-f0-9', least: 64 }),
  createTokenShape('a token of Databricks', 'dapi', { letters: 'a-f0-9', least: 32 }),
  createTokenShape('a token of Shopify', 'shp(?:at|ca|pa|ss)_', { letters: 'A-Fa-f0-9', least: 32 }),
  createTokenShape('a token of Vault', 'hv[sbr]\\.', { letters: WORD, least: 20 }),
  createTokenShape('a token of Doppler', 'dp\\.(?:pt|st|ct|scim|audit)\\.', { letters: 'A-Za-z0-9._-', least: 30 }),
  createTokenShape('a token of Grafana', 'gl(?:sa|c)_', { letters: 'A-Za-z0-9_=+/-', least: 30 }),
  createTokenShape('a token of Atlassian', 'ATATT3x', { letters: 'A-Za-z0-9_=-', least: 50 }),
  createTokenShape('a token of Terraform Cloud', '[A-Za-z0-9]{14}\\.atlasv1\\.', { letters: WORD, least: 50 }),
  createTokenShape('a token of Heroku', 'HRKU-', { letters: WORD, least: 30 }),
  createTokenShape('a token of Linear', 'lin_api_', { letters: 'A-Za-z0-9', least: 40 }),
  createTokenShape('a token of New Relic', 'NRAK-', { letters: 'A-Z0-9', least: 27 }),
  createTokenShape('a token of Sentry', 'sntr[yu]s?_', { letters: 'A-Za-z0-9_=+/-', least: 40 }),
  createTokenShape('a token of Square', 'sq0(?:atp|csp)-', { letters: WORD, least: 22 }),
  createTokenShape('a token of Pulumi', 'pul-', { letters: 'a-f0-9', least: 40 }),
  createTokenShape('a token of PlanetScale', 'pscale_(?:tkn|oauth|pw)_', { letters: 'A-Za-z0-9_.-', least: 32 }),
  createTokenShape('a token of Telegram', '[0-9]{8,10}:AA', { letters: WORD, least: 33 }),
  createTokenShape('a key of age', 'AGE-SECRET-KEY-1', { letters: '0-9A-Z', least: 58 }),
  createTokenShape('a JSON web token', 'eyJ[A-Za-z0-9_-]{10,2000}\\.eyJ[A-Za-z0-9_-]{10,8000}\\.', {
    letters: WORD,
    least: 10,
  }),
  { name: 'a key of Azure', pattern: /(?<=AccountKey=)[A-Za-z0-9+/]{80,88}={0,2}/g },
  {
    name: 'a password in a URL',
    pattern: /(?<=:\/\/[^\s/:@'"$<{]{0,64}:)[^\s/:@'"$<{*]{3,128}(?=@(?!localhost|127\.)[A-Za-z0-9[])/g,
  },
];

export interface FoundSecret {
  readonly name: string;
  /** Half-open offsets into the text. */
  readonly start: number;
  readonly end: number;
}

/** Finds secrets, sorted by position. If two overlap, the one that starts first is kept; at the same start, the earlier shape. */
export function findSecrets(text: string): readonly FoundSecret[] {
  const found: FoundSecret[] = [];
  for (const { name, pattern } of SECRET_SHAPES) {
    for (const match of text.matchAll(pattern)) {
      found.push({ name, start: match.index, end: match.index + match[0].length });
    }
  }
  const ordered = found.toSorted((a, b) => a.start - b.start);
  let end = 0;
  return ordered.filter((secret) => {
    if (secret.start < end) return false;
    end = secret.end;
    return true;
  });
}
