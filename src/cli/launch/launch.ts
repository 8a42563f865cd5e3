#!/usr/bin/env node
/**
 * Source of `dist/cli.js`: starts the command line in the form that loads fastest. If V8's compiled form (code cache) of
 * `whole.cjs` exists, it runs `whole.cjs`, which is the whole program in one file. Otherwise it loads the chunks, and creates
 * the compiled form after this run for the next one.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';
import { findCompiled, toCompiledName } from './compiled-form.ts';
import { startCompile } from './start-compile.ts';

/** This file is bundled as a CommonJS module, which has `require`. */
declare const require: NodeJS.Require;

const home = import.meta.dirname;
const program = join(home, 'whole.cjs');
const name = toCompiledName();
const script = createCompiledScript();

// By default, V8's young generation grows to 32 MB for a large context. A small one saves a quarter of the memory at almost no
// cost in time. Flags are set after the script is created, because V8 rejects a code cache that has other flags.
setFlagsFromString('--semi-space-growth-factor=1');
// By default, V8's old generation grows to several times the size of the live objects. 1.5 times is enough.
setFlagsFromString('--heap-growing-percent=50');

if (script === undefined) {
  void import(join(home, 'main.mjs'));
  process.once('exit', () => startCompile(home, name));
} else script.runInThisContext()(require, program);

/** Creates the script with its compiled form. The program is ASCII, so `latin1` reads it correctly and fastest. */
function createCompiledScript(): Script | undefined {
  const cachedData = findCompiled(program, name);
  if (cachedData === undefined) return undefined;
  const script = new Script(readFileSync(program, 'latin1'), { filename: program, cachedData });
  return script.cachedDataRejected === true ? undefined : script;
}
