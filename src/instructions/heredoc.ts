import type { HeredocText } from '#grammar';
import type { Heredoc } from './instruction.ts';
import { bodyWordOf, given, type Reading } from './reading.ts';

/** `asFile`: the body becomes a file, so variables in it are expanded unless its delimiter is quoted. */
export function readHeredoc(reading: Reading, heredoc: HeredocText, { asFile = false } = {}): Heredoc {
  const { name, expand, chomp, fileDescriptor, body, mark, span } = heredoc;
  return {
    name,
    mark: mark.text,
    expand,
    chomp,
    fileDescriptor,
    content: body.text,
    ...given('body', asFile && expand ? bodyWordOf(reading, body) : undefined),
    range: reading.rangeOf(span),
  };
}
