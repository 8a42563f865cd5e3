import { type Caller, type EngineCall, quietCallOf } from '../../src/engine/call.ts';

/** A call of somebody who has a place of their own, and as much else as is given. Nothing of this process. */
export function callFrom(caller: Partial<Caller> = {}): EngineCall {
  return quietCallOf({ cwd: '/nowhere', env: {}, ...caller });
}
