import type { Span } from '#grammar';

/** One occurrence of a name in the source. */
export interface Occurrence extends Span {
  readonly name: string;
  readonly role: 'definition' | 'use';
}
