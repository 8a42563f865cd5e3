/** Makes an image and writes it to outputs, again if stored data turns out to be damaged. */
import type { OutputSpec } from '../../api/index.ts';
import type { Call } from '../../progress.ts';
import type { Services } from '../services.ts';
import { withBlame, withMending } from '../state/index.ts';

interface MakeAndWrite<I, O> {
  readonly specs: readonly OutputSpec[];
  readonly make: () => Promise<I>;
  readonly write: (image: I) => Promise<O>;
}

/**
 * Makes the image and writes it to the outputs. If stored data is damaged, removes it and tries again; but bytes that
 * went to a stream cannot be withdrawn, so writing is not repeated.
 */
export async function makeAndWrite<I, O>(
  services: Services,
  { specs, make, write }: MakeAndWrite<I, O>,
  call: Call,
): Promise<{ readonly image: I; readonly outputs: O }> {
  if (specs.some((spec) => 'dest' in spec && spec.dest === '-')) {
    const image = await withMending(services, make, call);
    return { image, outputs: await withBlame(services, () => write(image), { call }) };
  }
  const all = async () => {
    const image = await make();
    return { image, outputs: await write(image) };
  };
  return withMending(services, all, call);
}
