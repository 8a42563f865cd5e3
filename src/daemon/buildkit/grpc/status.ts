/** How a call ended, and its form in HTTP/2 trailers (https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md). */
import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import { type ErrorCode, isMkimageError, MkimageError } from '../../../errors.ts';
import { bytes, embed, integer, list, text } from '../wire/fields.ts';
import { defineMessage, type Read } from '../wire/message.ts';

export const CODE = {
  ok: 0,
  cancelled: 1,
  unknown: 2,
  invalidArgument: 3,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  failedPrecondition: 9,
  unimplemented: 12,
  unavailable: 14,
} as const;

const AnyValue = defineMessage({ typeUrl: text(1), value: bytes(2) });
/** `google.rpc.Status`. */
export const StatusMessage = defineMessage({ code: integer(1), message: text(2), details: list(embed(3, AnyValue)) });
export type Status = Read<typeof StatusMessage>;

const CODES: Partial<Record<ErrorCode, number>> = {
  usage: CODE.invalidArgument,
  'not-found': CODE.notFound,
  limit: CODE.resourceExhausted,
  unsupported: CODE.unimplemented,
  cancelled: CODE.cancelled,
};

/** A failure as the client is told it. */
export function toStatus(error: unknown): Status {
  const code = isMkimageError(error) ? CODES[error.code] : undefined;
  return { code: code ?? CODE.unknown, message: describeError(error), details: [] };
}

function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return isMkimageError(error) && error.hint !== undefined ? `${error.message} (${error.hint})` : error.message;
}

/** A failure that the other side reported. */
export function toError(what: string, { code, message }: Pick<Status, 'code' | 'message'>): MkimageError {
  const text = `${what}: ${message || `the client answered with code ${code}`}`;
  switch (code) {
    case CODE.notFound:
      return new MkimageError('not-found', text);
    case CODE.unimplemented:
      return new MkimageError('unsupported', text);
    case CODE.cancelled:
      return new MkimageError('cancelled', text);
    default:
      return new MkimageError('network', text, { evidence: { systemCode: `GRPC_${code}`, temporary: false } });
  }
}

export function toTrailers(status: Status): OutgoingHttpHeaders {
  const { code, message, details } = status;
  if (code === CODE.ok) return { 'grpc-status': '0' };
  return {
    'grpc-status': String(code),
    'grpc-message': encodeMessage(cut(message)),
    ...(details.length > 0 && {
      'grpc-status-details-bin': StatusMessage.encode(status).toString('base64').replaceAll('=', ''),
    }),
  };
}

/** Reads the status of headers or trailers; undefined: they have none. */
export function readTrailers(headers: IncomingHttpHeaders): Pick<Status, 'code' | 'message'> | undefined {
  const code = headers['grpc-status'];
  if (typeof code !== 'string') return undefined;
  const message = headers['grpc-message'];
  return { code: Number(code), message: typeof message === 'string' ? decodeMessage(message) : '' };
}

/** Clients refuse long headers: Go's limit is 16 KiB for a message with its details. */
function cut(message: string): string {
  return message.length <= 4096 ? message : `${message.slice(0, 4096)}…`;
}

function encodeMessage(message: string): string {
  return Array.from(Buffer.from(message), (byte) =>
    byte < 32 || byte > 126 || byte === 37
      ? `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
      : String.fromCharCode(byte),
  ).join('');
}

function decodeMessage(message: string): string {
  try {
    return decodeURIComponent(message);
  } catch {
    return message;
  }
}
