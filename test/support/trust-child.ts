/** Asks URLs with one more authority, and prints what came: `tsx trust-child.ts FILE URL...`. */
import { readFileSync } from 'node:fs';
import { HttpClient } from '../../src/http/index.ts';
import { createQuietCall } from '../../src/progress.ts';

const [file = '', ...urls] = process.argv.slice(2);
const rules = { code: 'network', reach: 'internet', plainHttp: 'anywhere', describe: String } as const;
await using http = new HttpClient({ authorities: [readFileSync(file, 'utf8')] });
for (const url of urls) {
  const answer = await http
    .read({ url: new URL(url), rules, mostBytes: 100 }, createQuietCall())
    .catch((error) => error);
  console.log(answer instanceof Error ? answer.message.replace(/.*: /, '') : answer.bytes.toString());
}
