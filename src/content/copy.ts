import { throwIfCancelled } from '../errors.ts';
import type { Descriptor } from '../oci/index.ts';
import type { Call } from '../progress.ts';
import type { ContentSink, ContentSource } from './ports.ts';

/** Copies one blob unless the sink has it; true if bytes were moved. The sink verifies them. */
export async function copyContent(
  descriptor: Descriptor,
  from: ContentSource,
  to: ContentSink,
  call: Call,
): Promise<boolean> {
  throwIfCancelled(call.signal);
  if (await to.has(descriptor)) return false;
  const bytes = await from.open(descriptor, call);
  try {
    await to.put(descriptor, bytes, call);
  } finally {
    bytes.destroy();
  }
  return true;
}
