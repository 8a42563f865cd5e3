import { MkimageError } from '../../../errors.ts';
import type { CallSettings, OpenCall } from '../grpc/client.ts';
import { createPacket, METHODS, PACKET, type Packet, type Stat } from './messages.ts';
import { toMetadata } from './metadata.ts';
import { ReceivedTree } from './received-tree.ts';
import type { Session } from './session.ts';

export interface WantedFiles {
  /** The name of a directory of the client: `context`, `dockerfile`. */
  readonly directory: string;
  /** Only these paths, and what links among them lead to; empty: all. */
  readonly follow?: readonly string[];
  /** Patterns of an ignore file. */
  readonly exclude?: readonly string[];
  /** Only names: files stay empty. */
  readonly namesOnly?: boolean;
  /** An empty folder of our own. */
  readonly into: string;
}

export interface Received {
  readonly bytes: number;
  readonly entries: number;
}

/** Told of what arrived so far. */
export type Arrival = (received: Received) => void;

/**
 * Copies a directory of the client, by the protocol of fsutil: the client lists all entries, we ask for the contents of
 * files by their number. Throws `usage`, `limit`, `unsupported`, `network`, `cancelled`.
 */
export async function receiveFiles(
  session: Session,
  { directory, follow = [], exclude = [], namesOnly = false, into }: WantedFiles,
  { signal, arrived = () => {} }: Pick<CallSettings, 'signal'> & { readonly arrived?: Arrival },
): Promise<Received> {
  const metadata = toMetadata({ 'dir-name': [directory], followpaths: follow, 'exclude-patterns': exclude });
  await using call = session.open(METHODS.receiveFiles, { signal, metadata });
  using tree = new ReceivedTree(into);
  const receiver = new Receiver(call, tree, namesOnly);
  for await (const packet of call.messages) if (await receiver.take(packet)) arrived(receiver.received);
  if (!receiver.isFinished) throw new MkimageError('network', `receive \`${directory}\`: the client ended too early`);
  tree.finish();
  return receiver.received;
}

/** Answers the packets of a client. */
class Receiver {
  readonly #call: OpenCall<Packet, Packet>;
  readonly #tree: ReceivedTree;
  readonly #namesOnly: boolean;
  #entries = 0;
  #bytes = 0;
  #isListed = false;
  #isFinished = false;

  constructor(call: OpenCall<Packet, Packet>, tree: ReceivedTree, namesOnly: boolean) {
    this.#call = call;
    this.#tree = tree;
    this.#namesOnly = namesOnly;
  }

  get received(): Received {
    return { bytes: this.#bytes, entries: this.#entries };
  }

  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** Returns true if bytes arrived. */
  async take({ type, stat, id, data }: Packet): Promise<boolean> {
    switch (type) {
      case PACKET.stat:
        await (stat === undefined ? this.#endList() : this.#add(stat));
        return false;
      case PACKET.data:
        this.#tree.write(id, data);
        this.#bytes += data.length;
        if (data.length === 0) await this.#endIfComplete();
        return data.length > 0;
      case PACKET.end:
        this.#isFinished = this.#isListed && this.#tree.isComplete;
        this.#call.finish();
        return false;
      case PACKET.error:
        throw new MkimageError('usage', `receive files: the client says: ${Buffer.from(data).toString('utf8')}`);
      default:
        throw new MkimageError('usage', `receive files: packet of type ${type}`);
    }
  }

  async #add(stat: Stat): Promise<void> {
    const id = this.#entries;
    this.#entries += 1;
    if (!this.#tree.add(id, this.#namesOnly ? { ...stat, size: 0 } : stat)) return;
    if (this.#namesOnly) this.#tree.write(id, Buffer.alloc(0));
    else await this.#call.send(createPacket({ type: PACKET.request, id }));
  }

  async #endList(): Promise<void> {
    this.#isListed = true;
    await this.#endIfComplete();
  }

  async #endIfComplete(): Promise<void> {
    if (this.#isListed && this.#tree.isComplete) await this.#call.send(createPacket({ type: PACKET.end }));
  }
}
