/** The public door: what a program that embeds mkimage may rely on (docs/library.md). */
export type {
  BuildRequest,
  BuildResult,
  ContextInput,
  DiskUsage,
  HistoryLine,
  HistoryRequest,
  ImageDetails,
  ImageSummary,
  ImagesRequest,
  InspectRequest,
  LoadedImage,
  LoadRequest,
  NamedContextInput,
  OutputSpec,
  PruneRequest,
  PruneResult,
  RemoveRequest,
  RemoveResult,
  SaveRequest,
  SecretInput,
  SshInput,
  TagRequest,
  TagResult,
  UsageKind,
  UsageLine,
} from './api/index.ts';
export { type ErrorCode, isMkimageError, MkimageError } from './errors.ts';
export type { Diagnostic, Fix, Position, Range, TextEdit } from './instructions/index.ts';
export { type Engine, openEngine } from './library/engine.ts';
export type { BuildInput, CallOptions, EngineOptions, PulledImage, PullInput } from './library/engine-requests.ts';
export type { Descriptor, Digest, Platform } from './oci/index.ts';
export type { ProgressEvent, StepId } from './progress.ts';
