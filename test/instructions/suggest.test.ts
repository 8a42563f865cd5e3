import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import { findSuggestion } from '../../src/instructions/text/suggest.ts';

const test = suite('suggestion');
const KEYWORDS = ['FROM', 'RUN', 'COPY', 'CMD', 'ENV', 'ENTRYPOINT', 'WORKDIR'];

function means(word: string, expected: string | undefined): void {
  test(`${word} means ${expected}`, () => assert.is(findSuggestion(word, KEYWORDS), expected));
}

means('FORM', 'FROM');
means('copyy', 'COPY');
means('WORKDRI', 'WORKDIR');
means('ENTRYPINT', 'ENTRYPOINT');
means('RUN', undefined);
means('INSTALL', undefined);
means('', undefined);

test.run();
