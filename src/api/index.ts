/** What can be asked of the engine, and what it answers: pure, serialisable requests and results. */
export type {
  BuildRequest,
  BuildResult,
  ContextInput,
  NamedContextInput,
  SecretInput,
  SshInput,
} from './build-request.ts';
