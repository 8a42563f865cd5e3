/** Messages of `moby.buildkit.v1.frontend.LLBBridge`, by which the client itself leads a build. */
import { StatusMessage } from '../grpc/status.ts';
import { bytes, embed, flag, integer, list, text } from '../wire/fields.ts';
import { bytesMap, nestedMap, textMap } from '../wire/maps.ts';
import { defineMessage, type Read } from '../wire/message.ts';
import { Definition, WorkerRecord } from './build-messages.ts';

const CacheImport = defineMessage({ type: text(1), attributes: textMap(2) });

export const FrontendRequest = defineMessage({
  definition: embed(1, Definition),
  frontend: text(2),
  options: textMap(3),
  allowsResult: flag(5),
  allowsRefArray: flag(6),
  cacheImports: list(embed(12, CacheImport)),
  inputs: nestedMap(13, Definition),
  evaluates: flag(14),
  sourcePolicies: list(bytes(15)),
});
export type FrontendRequest = Read<typeof FrontendRequest>;

const Ref = defineMessage({ id: text(1), definition: embed(2, Definition) });
const RefMap = defineMessage({ refs: nestedMap(1, Ref) });
export const Result = defineMessage({
  oldRef: text(1),
  ref: embed(3, Ref),
  refs: embed(4, RefMap),
  metadata: bytesMap(10),
});
export type Result = Read<typeof Result>;
export const FrontendResponse = defineMessage({ ref: text(1), result: embed(3, Result) });
export const ReturnRequest = defineMessage({ result: embed(1, Result), error: embed(2, StatusMessage) });
export type ReturnRequest = Read<typeof ReturnRequest>;
export const EvaluateRequest = defineMessage({ ref: text(1) });

const Capability = defineMessage({ id: text(1), isEnabled: flag(2) });
export const PongResponse = defineMessage({
  frontendCapabilities: list(embed(1, Capability)),
  llbCapabilities: list(embed(2, Capability)),
  workers: list(embed(3, WorkerRecord)),
});
export const createCapabilities = (ids: readonly string[]): Read<typeof Capability>[] =>
  ids.map((id) => Capability.create({ id, isEnabled: true }));

const Input = defineMessage({ digest: text(1), index: integer(2) });
const SourceOperation = defineMessage({ identifier: text(1), attributes: textMap(2) });
/** A node of a definition: only what names a result of ours is read. */
export const Operation = defineMessage({ inputs: list(embed(1, Input)), source: embed(3, SourceOperation) });
