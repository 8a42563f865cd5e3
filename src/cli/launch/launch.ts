#!/usr/bin/env node
/**
 * What `dist/cli.js` is made of: starts the command line in the form that loads fastest here. `whole.cjs` is all of it; where
 * V8's compiled form of that is at hand, it need not be compiled again. Else there are the chunks, and the compiled form is made
 * after this run, for the next.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { compiledName, findCompiled } from './compiled-form.ts';
import { orderCompiled } from './order-compiled.ts';

/** Of the CommonJS module that this becomes. */
declare const require: NodeJS.Require;

const home = import.meta.dirname;
const program = join(home, 'whole.cjs');
const name = compiledName();
const script = compiledScript();

// V8 would let its nursery grow to 32 MB for a large context. A small one costs as good as no time and saves a quarter of the
// memory. Not before the script is made: what V8 made under other flags it does not take.
setFlagsFromString('--semi-space-growth-factor=1');
// Nor its old generation to several times of what is alive: half as much again is enough.
setFlagsFromString('--heap-growing-percent=50');

if (script === undefined) {
  void import(join(home, 'main.mjs'));
  process.once('exit', () => orderCompiled(home, name));
} else script.runInThisContext()(require, program);

/** ASCII, so that it is read as it is. */
function compiledScript(): Script | undefined {
  const cachedData = findCompiled(program, name);
  if (cachedData === undefined) return undefined;
  const made = new Script(readFileSync(program, 'latin1'), { filename: program, cachedData });
  return made.cachedDataRejected === true ? undefined : made;
}
