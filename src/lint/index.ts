/** Checks in addition to BuildKit's, fixes for findings, and output formats for other tools. No I/O. */

export { toCheckJson } from '../plan/index.ts';
export { applyFixes } from './apply-fixes.ts';
export { checkstyleXml } from './format/checkstyle.ts';
export { codacyLines } from './format/codacy.ts';
export { codeClimateJson, gitlabCodeClimateJson } from './format/code-climate.ts';
export { workflowCommands } from './format/github.ts';
export { gnuLines } from './format/gnu.ts';
export { hadolintJson } from './format/hadolint.ts';
export { junitXml } from './format/junit.ts';
export { type SarifLog, sarifLog } from './format/sarif.ts';
export { sonarQubeJson } from './format/sonarqube.ts';
export { faultOf } from './hadolint/codes.ts';
export { reaches, type Threshold } from './hadolint/levels.ts';
export { SettingsFault } from './hadolint/read-document.ts';
export { readEnvironment } from './hadolint/read-environment.ts';
export { readSettingsText } from './hadolint/read-yaml.ts';
export { type LintSettings, mergeSettings, type SettingsPart } from './hadolint/settings.ts';
export {
  checksOf,
  type LintFinding,
  type LintInput,
  type LintReport,
  lintBuildFile,
  lintDiagnostics,
  lintRules,
} from './lint-build-file.ts';
export { hideSecrets } from './secrets/hide.ts';
