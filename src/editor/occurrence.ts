import type { Span } from '#grammar';

/** A place where a name is written. */
export interface Occurrence extends Span {
  readonly name: string;
  readonly role: 'definition' | 'use';
}
