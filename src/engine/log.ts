/** The debug log as every door keeps it: what may be secret is out of it before anybody formats or writes it. */
import { cleanText } from '../http/index.ts';
import { Redactor } from '../process/index.ts';
import type { Log, LogArea, LogFacts } from '../progress.ts';

/** One fact, clean: each text is one line of at most 300 printable characters. */
export interface LogEntry {
  readonly area: LogArea;
  readonly message: string;
  readonly facts: LogFacts;
}

export interface LogOptions {
  readonly wants: (area: LogArea) => boolean;
  readonly write: (entry: LogEntry) => void;
}

/**
 * A log whose texts hold none of the values that are hidden, no credentials and queries of URLs and no `Authorization`. Values of
 * fewer than four characters are not hidden: they may be any word.
 */
export function openLog({ wants, write }: LogOptions): Log {
  const hidden = new Set<string>();
  let redactor = new Redactor([]);
  const clean = (text: string): string => {
    const masked = Buffer.concat([redactor.push(Buffer.from(text)), redactor.end()]).toString();
    return cleanText(withoutBegun(masked).replace(CREDENTIALS, '$<scheme>'));
  };
  return {
    debug: (area, message, facts = {}) => {
      if (wants(area)) write({ area, message: clean(message), facts: cleanFacts(facts, clean) });
    },
    hide: (values) => {
      for (const value of values) hidden.add(value);
      redactor = new Redactor([...hidden]);
    },
  };
}

/** Of URLs of any scheme, up to the last `@` before a path. */
const CREDENTIALS = /(?<scheme>[a-z0-9]:\/\/)[^\s/?#]*@/gi;
/** Much more than is ever shown. */
const MOST = 4096;

/** The beginning of a long text, without the word that it would cut: that could be half of a URL. */
function withoutBegun(text: string): string {
  return text.length <= MOST ? text : text.slice(0, Math.max(0, text.lastIndexOf(' ', MOST)));
}

function cleanFacts(facts: LogFacts, clean: (text: string) => string): LogFacts {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value]));
}
