/** Creates the tokenizer and the parser. Both work for both escape characters. */
import { createTokenizer, type Tokenize } from './lexer.ts';
import { SILENT_MESSAGES } from './messages.ts';
import { BuildFileParser } from './parser.ts';
import { createTokens, type LexerState } from './tokens.ts';

export interface Language {
  readonly tokenize: Tokenize;
  readonly parser: BuildFileParser;
}

export function createLanguage({ validate = false } = {}): Language {
  const reading: LexerState = { escape: '\\' };
  const tokens = createTokens(reading);
  return {
    tokenize: createTokenizer(tokens, reading),
    parser: new BuildFileParser(tokens, { messages: SILENT_MESSAGES, validate }),
  };
}
