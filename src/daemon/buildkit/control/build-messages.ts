/** Messages of `moby.buildkit.v1.Control`: builds and their progress. */
import { bytes, embed, flag, integer, list, text } from '../wire/fields.ts';
import { bytesMap, nestedMap, textMap } from '../wire/maps.ts';
import { defineMessage, type Read } from '../wire/message.ts';

export const Nothing = defineMessage({});
export const Definition = defineMessage({ operations: list(bytes(1)), metadata: bytesMap(2), source: bytes(3) });

const TypeAndAttributes = defineMessage({ type: text(1), attributes: textMap(2) });
const CacheOptions = defineMessage({
  exportRef: text(1),
  importRefs: list(text(2)),
  exports: list(embed(4, TypeAndAttributes)),
  imports: list(embed(5, TypeAndAttributes)),
});

export const SolveRequest = defineMessage({
  ref: text(1),
  definition: embed(2, Definition),
  oldExporter: text(3),
  oldExporterAttributes: textMap(4),
  session: text(5),
  frontend: text(6),
  attributes: textMap(7),
  cache: embed(8, CacheOptions),
  entitlements: list(text(9)),
  inputs: nestedMap(10, Definition),
  isInternal: flag(11),
  sourcePolicy: bytes(12),
  exporters: list(embed(13, TypeAndAttributes)),
  usesSessionExporter: flag(14),
  policySession: text(15),
});
export type SolveRequest = Read<typeof SolveRequest>;
export type ExporterRequest = SolveRequest['exporters'][number];

export const SolveResponse = defineMessage({ exporterResponse: textMap(1) });
export const StatusRequest = defineMessage({ ref: text(1) });

const Timestamp = defineMessage({ seconds: integer(1), nanos: integer(2) });
export type Timestamp = Read<typeof Timestamp>;

const Vertex = defineMessage({
  digest: text(1),
  inputs: list(text(2)),
  name: text(3),
  isCached: flag(4),
  started: embed(5, Timestamp),
  completed: embed(6, Timestamp),
  error: text(7),
});
export type Vertex = Read<typeof Vertex>;
export const createVertex = (given: Partial<Vertex>): Vertex => Vertex.create(given);

const VertexStatus = defineMessage({
  id: text(1),
  vertex: text(2),
  name: text(3),
  current: integer(4),
  total: integer(5),
  timestamp: embed(6, Timestamp),
  started: embed(7, Timestamp),
  completed: embed(8, Timestamp),
});
export type VertexStatus = Read<typeof VertexStatus>;
export const createVertexStatus = (given: Partial<VertexStatus>): VertexStatus => VertexStatus.create(given);

const VertexLog = defineMessage({
  vertex: text(1),
  timestamp: embed(2, Timestamp),
  stream: integer(3),
  message: bytes(4),
});

const Position = defineMessage({ line: integer(1), character: integer(2) });
const Range = defineMessage({ start: embed(1, Position), end: embed(2, Position) });
const SourceInfo = defineMessage({ filename: text(1), data: bytes(2) });
const VertexWarning = defineMessage({
  vertex: text(1),
  level: integer(2),
  short: bytes(3),
  detail: list(bytes(4)),
  url: text(5),
  info: embed(6, SourceInfo),
  ranges: list(embed(7, Range)),
});
export type VertexWarning = Read<typeof VertexWarning>;
export const createWarning = (given: Partial<VertexWarning>): VertexWarning => VertexWarning.create(given);

export const StatusResponse = defineMessage({
  vertexes: list(embed(1, Vertex)),
  statuses: list(embed(2, VertexStatus)),
  logs: list(embed(3, VertexLog)),
  warnings: list(embed(4, VertexWarning)),
});
export type StatusResponse = Read<typeof StatusResponse>;

const Platform = defineMessage({ architecture: text(1), os: text(2), variant: text(3), osVersion: text(4) });
const Version = defineMessage({ package: text(1), version: text(2), revision: text(3), dockerfileVersion: text(4) });
export const WorkerRecord = defineMessage({
  id: text(1),
  labels: textMap(2),
  platforms: list(embed(3, Platform)),
  version: embed(5, Version),
});
export type WorkerRecord = Read<typeof WorkerRecord>;
export const createWorker = (given: Partial<WorkerRecord>): WorkerRecord => WorkerRecord.create(given);
export const WorkersRequest = defineMessage({ filter: list(text(1)) });
export const WorkersResponse = defineMessage({ records: list(embed(1, WorkerRecord)) });
export const InfoResponse = defineMessage({ version: embed(1, Version) });
