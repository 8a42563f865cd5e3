/** All checks of mkimage's own. */
import type { LintRule } from '../rule.ts';
import { ArchiveCopied } from './archives.ts';
import { LatestBaseImage, UntaggedBaseImage } from './base-image-tag.ts';
import { IgnoreComment } from './comments.ts';
import { AddInsteadOfCopy, CopyToFileName, CopyWholeFilesystem, UnknownCopySource } from './copy-sources.ts';
import { CdInRun, CopyToRelativePath } from './directories.ts';
import { CurlAndWget, WgetProgress } from './downloads.ts';
import { HostCommand, ShellReplaced, SudoInRun } from './host-commands.ts';
import { HealthcheckMissing, SshPortExposed } from './image-settings.ts';
import { LabelKey, LabelMissing, LabelUnknown } from './labels/keys.ts';
import { LabelValue } from './labels/values.ts';
import { ConsecutiveRuns, CopyWholeContext } from './layers.ts';
import { AptInScript, DistributionUpgrade, InstallWithoutYes } from './packages/answers.ts';
import { DownloadsNotCached } from './packages/cache-mounts.ts';
import {
  ApkCacheKept,
  AptListsKept,
  AptRecommends,
  DnfCacheKept,
  PipCacheKept,
  YarnCacheKept,
  YumCacheKept,
  ZypperCacheKept,
} from './packages/caches.ts';
import { DISTRIBUTION_VERSION_RULES, LANGUAGE_VERSION_RULES, UnpinnedGoPackage } from './packages/versions.ts';
import { UntrustedRegistry } from './registries.ts';
import { SecretValue } from './secret-value.ts';
import { SelfReferencingEnv } from './self-referencing-env.ts';
import { HeredocWithoutErrexit, PipeWithoutPipefail } from './shell-failures.ts';
import { TrustDisabled } from './trust/trust-disabled.ts';
import { NonNumericUser, RootUser, UseraddSparseFile } from './users.ts';

export const LINT_RULES: readonly LintRule[] = [
  AddInsteadOfCopy,
  ApkCacheKept,
  AptInScript,
  AptListsKept,
  AptRecommends,
  ArchiveCopied,
  CdInRun,
  ConsecutiveRuns,
  CopyToFileName,
  CopyToRelativePath,
  CopyWholeContext,
  CopyWholeFilesystem,
  CurlAndWget,
  DistributionUpgrade,
  DnfCacheKept,
  DownloadsNotCached,
  HealthcheckMissing,
  HeredocWithoutErrexit,
  HostCommand,
  IgnoreComment,
  InstallWithoutYes,
  LabelKey,
  LabelMissing,
  LabelUnknown,
  LabelValue,
  LatestBaseImage,
  NonNumericUser,
  PipCacheKept,
  PipeWithoutPipefail,
  RootUser,
  SecretValue,
  SelfReferencingEnv,
  ShellReplaced,
  SshPortExposed,
  SudoInRun,
  TrustDisabled,
  UnknownCopySource,
  UntaggedBaseImage,
  UntrustedRegistry,
  UseraddSparseFile,
  WgetProgress,
  YarnCacheKept,
  YumCacheKept,
  ZypperCacheKept,
  ...DISTRIBUTION_VERSION_RULES,
  ...LANGUAGE_VERSION_RULES,
  UnpinnedGoPackage,
];
