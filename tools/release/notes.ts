/** `notes.ts vX.Y.Z` prints what CHANGELOG.md says of a version, which must be that of the package. */
import { readFileSync } from 'node:fs';
import { sectionsOf } from './changelog.ts';

const [tag = ''] = process.argv.slice(2);
const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
if (tag !== `v${version}`) fail(`the tag \`${tag}\` is not \`v${version}\`, the version in package.json`);
const section = sectionsOf(readFileSync('CHANGELOG.md', 'utf8')).find((each) => each.version === version);
if (section === undefined || section.notes === '') fail(`CHANGELOG.md says nothing of ${version}`);
console.log(section.notes);

function fail(message: string): never {
  console.error(`error: ${message}`);
  process.exit(1);
}
