/** The debug log. It removes secrets before an entry is formatted or written. */
import { cleanText } from '../http/index.ts';
import { Redactor } from '../process/index.ts';
import type { Log, LogArea, LogFacts } from '../progress.ts';

/** One log entry without secrets. Each text is one line of at most 300 printable characters. */
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
 * Creates a log. It removes from every text: values passed to `hide`, credentials in URLs, queries of HTTP URLs, and the tokens of
 * `Bearer` and `Basic`. Values of fewer than four characters are not hidden, because they can be part of any word.
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

/** Credentials in a URL of any scheme: all text up to the last `@` before the path. */
const CREDENTIALS = /(?<scheme>[a-z0-9]:\/\/)[^\s/?#]*@/gi;
/** Longest text that is cleaned, in characters. Far more than an entry shows. */
const MOST = 4096;

/** Shortens a long text at a space. A cut inside a word could leave half of a URL, in which credentials are not recognized. */
function withoutBegun(text: string): string {
  return text.length <= MOST ? text : text.slice(0, Math.max(0, text.lastIndexOf(' ', MOST)));
}

function cleanFacts(facts: LogFacts, clean: (text: string) => string): LogFacts {
  const known = Object.entries(facts).filter(([, value]) => value !== undefined);
  return Object.fromEntries(known.map(([name, value]) => [name, typeof value === 'string' ? clean(value) : value]));
}
