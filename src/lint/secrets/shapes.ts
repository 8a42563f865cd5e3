/**
 * Patterns of secrets that are clearly different from other text: most services use a prefix of their own. To keep matching time
 * linear, a pattern only starts where no character of the token precedes it, or its length is limited.
 */
export interface SecretShape {
  readonly name: string;
  readonly pattern: RegExp;
}

/** A pattern for `beginning` and then at least `least` characters of the class `letters`. */
function token(name: string, beginning: string, letters: string, least: number): SecretShape {
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
  token('a token of GitHub', 'gh[pousr]_', 'A-Za-z0-9', 30),
  token('a token of GitHub', 'github_pat_', 'A-Za-z0-9_', 30),
  token('a token of GitLab', 'gl(?:pat|dt|rt|cbt|ptt|ft|imt|agent|soat|oas)-', WORD, 20),
  token('a token of Slack', 'xox[abeoprs]-', 'A-Za-z0-9-', 10),
  token('a token of Slack', 'xapp-', 'A-Za-z0-9-', 20),
  {
    name: 'a web hook of Slack',
    pattern: /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9]{1,32}\/[A-Za-z0-9]{1,32}\/[A-Za-z0-9]{8,64}/g,
  },
  token('a key of Stripe', '[sr]k_(?:live|test)_', 'A-Za-z0-9', 16),
  token('a key of Stripe', 'whsec_', 'A-Za-z0-9', 24),
  token('a key of Google', 'AIza', WORD, 35),
  token('a token of Google', 'GOCSPX-', WORD, 24),
  token('a token of Google', 'ya29\\.', WORD, 20),
  token('a token of npm', 'npm_', 'A-Za-z0-9', 36),
  { name: 'a token of npm', pattern: /(?<=:_(?:authToken|auth|password)=["']?)[A-Za-z0-9+/=_.-]{8,512}/g },
  token('a token of PyPI', 'pypi-AgE', WORD, 40),
  token('a token of RubyGems', 'rubygems_', 'a-f0-9', 48),
  token('a token of crates.io', 'cio', 'A-Za-z0-9', 32),
  token('a token of Docker Hub', 'dckr_[a-z]{3,4}_', WORD, 24),
  token('a key of OpenAI', 'sk-(?:proj|svcacct|admin)-', WORD, 20),
  token('a key of OpenAI', 'sk-', 'A-Za-z0-9', 32),
  token('a key of Anthropic', 'sk-ant-', WORD, 20),
  token('a token of Hugging Face', 'hf_', 'A-Za-z0-9', 30),
  token('a key of SendGrid', 'SG\\.', 'A-Za-z0-9_.-', 60),
  token('a key of Twilio', 'SK', 'a-f0-9', 32),
  token('a key of Mailgun', 'key-', 'a-f0-9', 32),
  token('a key of Mailchimp', '[a-f0-9]{32}-us', '0-9', 1),
  token('a token of DigitalOcean', 'do[opr]_v1_', 'a-f0-9', 64),
  token('a token of Databricks', 'dapi', 'a-f0-9', 32),
  token('a token of Shopify', 'shp(?:at|ca|pa|ss)_', 'A-Fa-f0-9', 32),
  token('a token of Vault', 'hv[sbr]\\.', WORD, 20),
  token('a token of Doppler', 'dp\\.(?:pt|st|ct|scim|audit)\\.', 'A-Za-z0-9._-', 30),
  token('a token of Grafana', 'gl(?:sa|c)_', 'A-Za-z0-9_=+/-', 30),
  token('a token of Atlassian', 'ATATT3x', 'A-Za-z0-9_=-', 50),
  token('a token of Terraform Cloud', '[A-Za-z0-9]{14}\\.atlasv1\\.', WORD, 50),
  token('a token of Heroku', 'HRKU-', WORD, 30),
  token('a token of Linear', 'lin_api_', 'A-Za-z0-9', 40),
  token('a token of New Relic', 'NRAK-', 'A-Z0-9', 27),
  token('a token of Sentry', 'sntr[yu]s?_', 'A-Za-z0-9_=+/-', 40),
  token('a token of Square', 'sq0(?:atp|csp)-', WORD, 22),
  token('a token of Pulumi', 'pul-', 'a-f0-9', 40),
  token('a token of PlanetScale', 'pscale_(?:tkn|oauth|pw)_', 'A-Za-z0-9_.-', 32),
  token('a token of Telegram', '[0-9]{8,10}:AA', WORD, 33),
  token('a key of age', 'AGE-SECRET-KEY-1', '0-9A-Z', 58),
  token('a JSON web token', 'eyJ[A-Za-z0-9_-]{10,2000}\\.eyJ[A-Za-z0-9_-]{10,8000}\\.', WORD, 10),
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
