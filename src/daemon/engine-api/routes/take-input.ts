import type { Writable } from 'node:stream';
import { waitForDrain } from '../http/write-all.ts';
import type { InputTaker } from './stream-client.ts';

/** Gives what a client types to a process; `endsInput`: the input of the process ends with that of the client. */
export function takeInput(input: Writable, endsInput: boolean): InputTaker {
  input.on('error', () => {}); // the process has closed its input
  return {
    write: (bytes) => writeInput(input, bytes),
    end: () => {
      if (endsInput) input.end();
    },
  };
}

export function writeInput(input: Writable, bytes: Buffer): Promise<void> | undefined {
  if (!input.writable || input.write(bytes)) return undefined;
  return waitForDrain(input);
}
