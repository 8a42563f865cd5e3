/** Checks beyond BuildKit's, ways to mend what checks find, and forms in which other tools want to read it. Pure. */
export { applyFixes } from './apply-fixes.ts';
export { workflowCommands } from './format/github.ts';
export { type HadolintJson, hadolintJson } from './format/hadolint.ts';
export { type SarifLog, sarifLog } from './format/sarif.ts';
export {
  type LintFinding,
  type LintInput,
  type LintReport,
  lintBuildFile,
  lintDiagnostics,
  lintRules,
} from './lint-build-file.ts';
