import { passOutput } from '../../../host/index.ts';

/** Standard output. */
const OUTPUT = 1;

/** Lets the terminal of this process, which is in raw mode, show the output of a container's terminal unchanged. */
export function showUnchanged(): void {
  passOutput(OUTPUT);
}
