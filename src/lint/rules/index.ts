/** All checks of mkimage's own, in the order of their names. */
import type { LintRule } from '../rule.ts';
import { LatestBaseImage, UntaggedBaseImage } from './base-image-tag.ts';
import { AddInsteadOfCopy, CopyToFileName, CopyWholeFilesystem, UnknownCopySource } from './copy-sources.ts';
import {
  ApkCacheKept,
  AptListsKept,
  AptRecommends,
  DnfCacheKept,
  PipCacheKept,
  YarnCacheKept,
  YumCacheKept,
  ZypperCacheKept,
} from './package-caches.ts';
import { DISTRIBUTION_VERSION_RULES, LANGUAGE_VERSION_RULES, UnpinnedGoPackage } from './package-versions.ts';
import { SelfReferencingEnv } from './self-referencing-env.ts';
import { HeredocWithoutErrexit, PipeWithoutPipefail } from './shell-failures.ts';
import { NonNumericUser, UseraddSparseFile } from './users.ts';

export const LINT_RULES: readonly LintRule[] = [
  AddInsteadOfCopy,
  ApkCacheKept,
  AptListsKept,
  AptRecommends,
  CopyToFileName,
  CopyWholeFilesystem,
  DnfCacheKept,
  HeredocWithoutErrexit,
  LatestBaseImage,
  NonNumericUser,
  PipCacheKept,
  PipeWithoutPipefail,
  SelfReferencingEnv,
  UnknownCopySource,
  UntaggedBaseImage,
  UseraddSparseFile,
  YarnCacheKept,
  YumCacheKept,
  ZypperCacheKept,
  ...DISTRIBUTION_VERSION_RULES,
  ...LANGUAGE_VERSION_RULES,
  UnpinnedGoPackage,
];
