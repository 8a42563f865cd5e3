/** Results that a client may use in its next build, as `docker buildx bake` does for targets that use each other. */
import { randomBytes } from 'node:crypto';
import { MkimageError } from '../../../errors.ts';
import { type Digest, digestOf } from '../../../oci/index.ts';
import type { Definition } from '../control/build-messages.ts';
import { Operation } from '../control/gateway-messages.ts';
import type { Read } from '../wire/message.ts';

export type DefinitionValue = Read<typeof Definition>;

/** How many results are known by their IDs; the newest count. */
const MOST = 10_000;
const SCHEME = 'mkimage-result://';

export class Results {
  readonly #images = new Map<string, Digest>();

  /** Names a result by an ID that nobody can guess, so that clients use only their own. */
  add(manifest: Digest): string {
    const id = randomBytes(16).toString('hex');
    this.#images.set(id, manifest);
    const [oldest] = this.#images.keys();
    if (this.#images.size > MOST) this.#images.delete(oldest!);
    return id;
  }

  /** The manifest or index that a definition of ours means. Throws `unsupported` for a definition of somebody else. */
  find(definition: DefinitionValue | undefined): Digest {
    for (const bytes of definition?.operations ?? []) {
      const { identifier = '' } = Operation.decode(Buffer.from(bytes)).source ?? {};
      const image = identifier.startsWith(SCHEME) ? this.#images.get(identifier.slice(SCHEME.length)) : undefined;
      if (image !== undefined) return image;
    }
    throw new MkimageError(
      'unsupported',
      'use definition: only results of earlier builds of this session are supported',
      {
        hint: 'build from a Dockerfile',
      },
    );
  }
}

/** The definition of a result: clients send it back where they use the result. */
export function defineResult(id: string): DefinitionValue {
  const encode = (given: Parameters<typeof Operation.create>[0]) => Operation.encode(Operation.create(given));
  const source = encode({ source: { identifier: `${SCHEME}${id}`, attributes: new Map() } });
  const last = encode({ inputs: [{ digest: digestOf(source), index: 0 }] });
  const metadata = new Map([source, last].map((each) => [digestOf(each), new Uint8Array()] as [string, Uint8Array]));
  return { operations: [source, last], metadata, source: new Uint8Array() };
}
