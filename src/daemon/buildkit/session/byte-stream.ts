import { Duplex } from 'node:stream';
import { isMkimageError, MkimageError } from '../../../errors.ts';
import type { BytesMessage } from './messages.ts';

/** A call that carries the bytes of a connection in both directions. */
interface ByteCall {
  readonly messages: AsyncIterable<BytesMessage>;
  readonly send: (message: BytesMessage) => Promise<void>;
  /** Says that no more will be sent. */
  readonly finish?: () => void;
}

/** The connection inside a call. It reads no faster than its reader. */
export function toByteStream({ messages, send, finish = () => {} }: ByteCall): Duplex {
  const source = messages[Symbol.asyncIterator]();
  let isReading = false;
  const stream = new Duplex({
    read() {
      if (isReading) return;
      isReading = true;
      void pump();
    },
    write(data: Buffer, _encoding, done) {
      send({ data }).then(() => done(), done);
    },
    final(done) {
      finish();
      done();
    },
  });
  const pump = async (): Promise<void> => {
    try {
      for (let wantsMore = true; wantsMore; ) {
        const { done, value } = await source.next();
        if (stream.destroyed) return;
        wantsMore = !stream.push(done === true ? null : Buffer.from(value.data)) ? false : done !== true;
      }
    } catch (cause) {
      stream.destroy(isMkimageError(cause) ? cause : new MkimageError('network', 'read stream: it broke', { cause }));
    }
    isReading = false;
  };
  return stream;
}
