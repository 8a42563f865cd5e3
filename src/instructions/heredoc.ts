import type { HeredocText } from '#grammar';
import type { Heredoc } from './instruction.ts';
import { createOptionalMember, type Reading, readHeredocBody } from './reading.ts';

/** `asFile`: the body becomes a file, so its variables are expanded unless the delimiter is quoted. */
export function readHeredoc(reading: Reading, heredoc: HeredocText, { asFile = false } = {}): Heredoc {
  const { name, expand, chomp, fileDescriptor, body, mark, span } = heredoc;
  return {
    name,
    mark: mark.text,
    expand,
    chomp,
    fileDescriptor,
    content: body.text,
    ...createOptionalMember('body', asFile && expand ? readHeredocBody(reading, body) : undefined),
    range: reading.rangeOf(span),
  };
}
