import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type * as api from '../../src/api/index.ts';

const test = suite('contract');

type Requests =
  | api.AskRequest
  | api.BuildRequest
  | api.CheckStoreRequest
  | api.ContextRequest
  | api.FormatRequest
  | api.HistoryRequest
  | api.ImagesRequest
  | api.InspectRequest
  | api.LintRequest
  | api.LoadRequest
  | api.PruneRequest
  | api.PullRequest
  | api.RemoveMountsRequest
  | api.RemoveRequest
  | api.SaveRequest
  | api.TagRequest;

type Results =
  | api.BuildFileAnswer
  | api.BuildResult
  | api.CacheMountUsage
  | api.ContextAnswer
  | api.DiskUsage
  | api.FormattedFile
  | api.HistoryLine
  | api.ImageDetails
  | api.ImageSummary
  | api.LintAnswer
  | api.LoadedImage
  | api.PruneResult
  | api.PullResult
  | api.RemovedMounts
  | api.RemoveResult
  | api.StoreCheck
  | api.TagResult;

type NotJson =
  | ((...args: never[]) => unknown)
  | ReadonlyMap<unknown, unknown>
  | ReadonlySet<unknown>
  | ArrayBufferView
  | EventTarget
  | Date
  | PromiseLike<unknown>
  | bigint
  | symbol;

/** What of a type does not go through JSON; never: all of it does. */
type Lost<T> = T extends string | number | boolean | null | undefined
  ? never
  : T extends readonly (infer Member)[]
    ? Lost<Member>
    : T extends NotJson
      ? T
      : { [Key in keyof T]-?: Lost<T[Key]> }[keyof T];

type IsPlain<T> = [Lost<T>] extends [never] ? true : Lost<T>;

/** The compiler is the judge: what is lost would be no `true`. */
test('requests and results of every verb are plain data', () => {
  const judged: readonly [IsPlain<Requests>, IsPlain<Results>] = [true, true];
  const spoiled: IsPlain<{ readonly list: readonly { readonly run: () => void }[] }> = () => {};
  assert.equal(judged, [true, true]);
  assert.type(spoiled, 'function');
});

test.run();
