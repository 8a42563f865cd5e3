/** What clients are told that we can do: a capability invites the call, so only what works is listed. */

/** Of the frontend: methods of LLBBridge, and what they accept. */
export const FRONTEND_CAPABILITIES = [
  'solve.base',
  'return',
  'returnmap',
  'proto.refarray',
  'importcaches',
  'reference.output',
  'frontend.inputs',
  'frontend.caps',
  'gateway.solve.metadata',
  'gateway.solve.evaluate',
  'gateway.evaluate',
] as const;

export const LLB_CAPABILITIES = ['exporter.multiple'] as const;
