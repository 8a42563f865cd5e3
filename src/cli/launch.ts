#!/usr/bin/env node
/**
 * What `dist/cli.js` is made of: starts the command line in the form that loads fastest here. `whole.cjs` is all of it, and
 * beside it lies what V8 once made of it, if that was this V8: it need not be compiled again. Else there are the chunks.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { Script } from 'node:vm';

/** Of the CommonJS module that this becomes. */
declare const require: NodeJS.Require;

const home = import.meta.dirname;
const program = join(home, 'whole.cjs');
const compiled = join(home, `whole.${process.versions.v8}.${process.arch}.bin`);
const script = existsSync(compiled) ? compiledScript() : undefined;

// V8 would let its nursery grow to 32 MB for a large context. A small one costs as good as no time and saves a quarter of the
// memory. Not before the script is made: what V8 made under other flags it does not take.
setFlagsFromString('--semi-space-growth-factor=1');

if (script === undefined) void import(join(home, 'main.mjs'));
else script.runInThisContext()(require, program);

/** ASCII, so that it is read as it is. */
function compiledScript(): Script {
  return new Script(readFileSync(program, 'latin1'), {
    filename: program,
    cachedData: readFileSync(compiled),
  });
}
