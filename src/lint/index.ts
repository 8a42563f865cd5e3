/** Checks in addition to BuildKit's, fixes for findings, and output formats for other tools. No I/O. */

export { toCheckJson } from '../plan/index.ts';
export { applyFixes } from './apply-fixes.ts';
export { formatCheckstyle } from './format/checkstyle.ts';
export { formatCodacy } from './format/codacy.ts';
export { formatCodeClimate, formatGitlabCodeClimate } from './format/code-climate.ts';
export { formatWorkflowCommands } from './format/github.ts';
export { formatGnu } from './format/gnu.ts';
export { toHadolintJson } from './format/hadolint.ts';
export { formatJunit } from './format/junit.ts';
export { createSarifLog, type SarifLog } from './format/sarif.ts';
export { formatSonarQube } from './format/sonarqube.ts';
export { explainFault } from './hadolint/codes.ts';
export { reachesLevel, type Threshold } from './hadolint/levels.ts';
export { SettingsFault } from './hadolint/read-document.ts';
export { readEnvironment } from './hadolint/read-environment.ts';
export { readSettingsText } from './hadolint/read-yaml.ts';
export { type LintSettings, mergeSettings, type SettingsPart } from './hadolint/settings.ts';
export {
  findChecks,
  getLintRules,
  type LintFinding,
  type LintInput,
  type LintReport,
  lintBuildFile,
  toLintDiagnostics,
} from './lint-build-file.ts';
export { hideSecrets } from './secrets/hide.ts';
