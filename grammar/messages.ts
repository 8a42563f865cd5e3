/** Messages for lines that the grammar does not accept. */
import type { IParserErrorMessageProvider, IRecognitionException, IToken } from 'chevrotain';
import type { Span } from './mapped-text.ts';
import type { TokenPayload } from './token-text.ts';

/** A syntax error. Messages are in lower case, without a trailing dot; user text is in backticks. */
export interface SyntaxProblem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
  readonly span: Span;
}

type ProblemText = Pick<SyntaxProblem, 'code' | 'message' | 'hint'>;

const ONE_ARGUMENT = 'missing-argument';

/** Messages by the rule that failed. Rules that are not listed cannot fail. */
const BY_RULE: Readonly<Record<string, (found: string, before: string) => ProblemText>> = {
  from: (found, before) => ({
    code: 'from-arguments',
    message: formatFromMessage(found, before),
    hint: 'write `FROM image` or `FROM image AS name`',
  }),
  arg: () => ({
    code: ONE_ARGUMENT,
    message: '`ARG` needs at least one name',
    hint: 'write `ARG name` or `ARG name=value`',
  }),
  env: () => createNameProblem('ENV'),
  label: () => createNameProblem('LABEL'),
  pair: (found) => ({
    code: 'missing-equals',
    message: found === '' ? 'missing `=` after a name' : `missing \`=\` before \`${found}\``,
    hint: 'write `name=value`, with quotes around a value that contains spaces',
  }),
  expose: () => ({ code: ONE_ARGUMENT, message: '`EXPOSE` needs at least one port' }),
  workdir: () => ({ code: ONE_ARGUMENT, message: '`WORKDIR` needs a path' }),
  user: () => ({ code: ONE_ARGUMENT, message: '`USER` needs a user' }),
  stopsignal: () => ({ code: ONE_ARGUMENT, message: '`STOPSIGNAL` needs a signal' }),
  maintainer: () => ({ code: ONE_ARGUMENT, message: '`MAINTAINER` needs a name' }),
  healthcheck: () => ({ code: ONE_ARGUMENT, message: '`HEALTHCHECK` needs `CMD` and a command, or `NONE`' }),
  onbuild: () => ({ code: ONE_ARGUMENT, message: '`ONBUILD` needs an instruction' }),
};

export function toSyntaxProblem(error: IRecognitionException): SyntaxProblem {
  const rules = error.context.ruleStack;
  const rule = rules.findLast((name) => name in BY_RULE) ?? 'onbuild';
  const { token } = error;
  const before = 'previousToken' in error ? (error.previousToken as IToken | undefined) : undefined;
  const isMissing = token.tokenType.name === 'LineEnd' || Number.isNaN(token.startOffset);
  const said = BY_RULE[rule]!(isMissing ? '' : token.image, before?.tokenType.name ?? '');
  const place = isMissing ? before : token;
  return { ...said, span: createSpan(place?.startOffset, place?.endOffset) };
}

function formatFromMessage(found: string, before: string): string {
  if (found !== '') return `\`FROM\` accepts an image and \`AS name\`, not \`${found}\``;
  return before === 'As' ? '`AS` needs a name' : '`FROM` needs an image';
}

/** Chevrotain's messages are never shown, so they are constant and cost nothing. */
export const SILENT_MESSAGES: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: () => 'mismatch',
  buildNotAllInputParsedMessage: () => 'not all input',
  buildNoViableAltMessage: () => 'no alternative',
  buildEarlyExitMessage: () => 'early exit',
};

/** Reports a heredoc without a delimiter line. Only the first is reported, because all after it have none either. */
export function checkHeredocEnd(payload: TokenPayload): SyntaxProblem | undefined {
  const { heredoc } = payload;
  if (heredoc === undefined || heredoc.terminated) return undefined;
  const start = heredoc.mark.pieces[0]!.from;
  return {
    code: 'unterminated-heredoc',
    message: `heredoc \`${heredoc.name}\` has no end`,
    hint: `add a line with only \`${heredoc.name}\` after its text`,
    span: { start, end: heredoc.mark.sourceEnd },
  };
}

function createNameProblem(keyword: string): ProblemText {
  return {
    code: ONE_ARGUMENT,
    message: `\`${keyword}\` needs a name and a value`,
    hint: `write \`${keyword} name=value\``,
  };
}

function createSpan(start = 0, end = start): Span {
  return { start, end };
}
