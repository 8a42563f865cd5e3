import type { EngineCall } from '../../../engine/call.ts';
import type { ProgressEvent } from '../../../progress.ts';
import type { Exchange } from './exchange.ts';

/** A call that ends when the client goes away. It has no files and no variables of the daemon. */
export function callOf({ signal }: Exchange, warn: (message: string) => void = () => {}): EngineCall {
  const report = (event: ProgressEvent) => {
    if (event.type === 'warning') warn(event.message);
  };
  return { signal, report, cwd: '/', env: {} };
}
