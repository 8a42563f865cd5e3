import { readFileSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { parse } from 'acorn';
import { simple } from 'acorn-walk';
import { suite } from 'uvu';
import * as assert from 'uvu/assert';

/** What comes with `npm install mkimage`. */
const test = suite('dependencies of the package');

interface LockedPackage {
  readonly dev?: true;
  readonly hasInstallScript?: true;
}

const manifest = JSON.parse(readFileSync('package.json', 'utf8'));
const locked: Readonly<Record<string, LockedPackage>> = JSON.parse(readFileSync('package-lock.json', 'utf8')).packages;

test('none that is fetched has an install script', () => {
  const fetched = Object.entries(locked).filter(([path, { dev }]) => path !== '' && dev !== true);
  assert.ok(fetched.length > 0);
  assert.equal(
    fetched.filter(([, { hasInstallScript }]) => hasInstallScript === true).map(([path]) => path),
    [],
  );
});

test('the package has no install script', () => {
  assert.equal(
    Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$/.test(name)),
    [],
  );
});

test('all versions are exact', () => {
  const { dependencies, optionalDependencies, devDependencies } = manifest;
  const versions = Object.entries<string>({ ...dependencies, ...optionalDependencies, ...devDependencies });
  assert.equal(
    versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    [],
  );
});

test('what is fetched is what the bundled program asks for', () => {
  const asked = requiredBy(readFileSync('dist/whole.cjs', 'latin1')).filter(
    (name) => !name.startsWith('node:') && !isBuiltin(name),
  );
  assert.equal(asked, Object.keys(manifest.dependencies).sort());
  const addons = Object.keys(manifest.optionalDependencies);
  assert.equal(
    addons.filter((name) => !name.startsWith('@koromix/koffi-linux-')),
    [],
  );
});

test.run();

function requiredBy(program: string): string[] {
  const names = new Set<string>();
  simple(parse(program, { ecmaVersion: 'latest' }), {
    CallExpression({ callee, arguments: [name] }) {
      if (callee.type !== 'Identifier' || callee.name !== 'require') return;
      if (name?.type === 'Literal') names.add(String(name.value));
    },
  });
  return [...names].sort();
}
