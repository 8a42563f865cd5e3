/** What a client of BuildKit offers in its session: methods that the daemon calls. */
import type { RemoteMethod } from '../grpc/client.ts';
import { bytes, embed, integer, long, text, uint } from '../wire/fields.ts';
import { bytesMap, textMap } from '../wire/maps.ts';
import { defineMessage, type Message, type Read } from '../wire/message.ts';

export const BytesMessage = defineMessage({ data: bytes(1) });
export type BytesMessage = Read<typeof BytesMessage>;

/** `fsutil.types.Stat`. `mode` is that of Go's `os.FileMode`; `modified` counts nanoseconds. */
const Stat = defineMessage({
  path: text(1),
  mode: uint(2),
  uid: uint(3),
  gid: uint(4),
  size: integer(5),
  modified: long(6),
  linkname: text(7),
  major: integer(8),
  minor: integer(9),
  xattrs: bytesMap(10),
});
export type Stat = Read<typeof Stat>;
export const createStat = (given: Partial<Stat>): Stat => Stat.create(given);

export const PACKET = { stat: 0, request: 1, data: 2, end: 3, error: 4 } as const;
const Packet = defineMessage({ type: integer(1), stat: embed(2, Stat), id: uint(3), data: bytes(4) });
export type Packet = Read<typeof Packet>;
export const createPacket = (given: Partial<Packet>): Packet => Packet.create(given);

const CredentialsRequest = defineMessage({ host: text(1) });
const CredentialsAnswer = defineMessage({ username: text(1), secret: text(2) });
const SecretRequest = defineMessage({ id: text(1), annotations: textMap(2) });
const AgentRequest = defineMessage({ id: text(1) });
const Nothing = defineMessage({});

function define<Q, A>(path: string, request: Message<Q>, response: Message<A>): RemoteMethod<Q, A> {
  return { path, request, response };
}

export const METHODS = {
  receiveFiles: define('/moby.filesync.v1.FileSync/DiffCopy', Packet, Packet),
  sendFiles: define('/moby.filesync.v1.FileSend/DiffCopy', Packet, Packet),
  /** The same method: what it carries depends on the type of the exporter. */
  sendBytes: define('/moby.filesync.v1.FileSend/DiffCopy', BytesMessage, BytesMessage),
  credentials: define('/moby.filesync.v1.Auth/Credentials', CredentialsRequest, CredentialsAnswer),
  secret: define('/moby.buildkit.secrets.v1.Secrets/GetSecret', SecretRequest, BytesMessage),
  checkAgent: define('/moby.sshforward.v1.SSH/CheckAgent', AgentRequest, Nothing),
  forwardAgent: define('/moby.sshforward.v1.SSH/ForwardAgent', BytesMessage, BytesMessage),
  upload: define('/moby.upload.v1.Upload/Pull', BytesMessage, BytesMessage),
} as const;
