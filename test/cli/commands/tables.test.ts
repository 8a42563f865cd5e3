import { suite } from 'uvu';
import * as assert from 'uvu/assert';
import type { HistoryLine, ImageSummary } from '../../../src/api/index.ts';
import { formatUsageTable } from '../../../src/cli/commands/du.ts';
import { formatHistory, formatHistoryJson } from '../../../src/cli/commands/history.ts';
import { formatImages, formatImagesJson, formatImageTree } from '../../../src/cli/commands/images.ts';
import type { Digest } from '../../../src/oci/index.ts';

const test = suite('tables of images');

const now = Date.parse('2024-05-10T00:00:00Z');
const id = (digit: string): Digest => `sha256:${digit.repeat(64)}`;
const IMAGES: readonly ImageSummary[] = [
  {
    repository: 'localhost:5000/team/app',
    tag: '1.0',
    digest: id('d'),
    id: id('a'),
    created: '2024-05-09T22:00:00Z',
    size: 28_200_000,
    platform: undefined,
    platforms: [],
  },
  {
    repository: undefined,
    tag: undefined,
    digest: id('e'),
    id: id('b'),
    created: undefined,
    size: 0,
    platform: undefined,
    platforms: [],
  },
];

test('lists images as Docker does', () => {
  assert.is(
    formatImages(IMAGES, { isWhole: false, digests: false, now }),
    `REPOSITORY                TAG      IMAGE ID       CREATED       SIZE
localhost:5000/team/app   1.0      aaaaaaaaaaaa   2 hours ago   28.2MB
<none>                    <none>   bbbbbbbbbbbb   N/A           0B
`,
  );
});

test('shows digests and whole IDs when asked', () => {
  const [headings, first] = formatImages(IMAGES, { isWhole: true, digests: true, now }).split('\n');
  assert.match(headings!, /TAG +DIGEST +IMAGE ID/);
  assert.ok(first!.includes(`${id('d')}   ${id('a')}`));
});

test('prints images as one object a line', () => {
  const lines = formatImagesJson(IMAGES, { isWhole: false, digests: false, now }).trimEnd().split('\n');
  assert.equal(JSON.parse(lines[0]!), {
    CreatedAt: '2024-05-09T22:00:00Z',
    CreatedSince: '2 hours ago',
    Digest: id('d'),
    ID: 'aaaaaaaaaaaa',
    Repository: 'localhost:5000/team/app',
    Size: '28.2MB',
    Tag: '1.0',
  });
  assert.is(lines.length, 2);
});

test('shows the platforms of each image as a tree', () => {
  const [app, dangling] = IMAGES as [ImageSummary, ImageSummary];
  const linux = (architecture: string) => ({ os: 'linux', architecture });
  const platforms = [
    { platform: linux('amd64'), digest: id('1'), size: 1_000_000 },
    { platform: linux('arm64'), digest: id('2'), size: undefined },
  ];
  assert.is(
    formatImageTree(
      [
        { ...app, platforms },
        { ...dangling, platform: linux('s390x') },
      ],
      {
        isWhole: false,
        digests: false,
        now,
      },
    ),
    `IMAGE                         ID             DISK USAGE
localhost:5000/team/app:1.0   dddddddddddd   1MB
├─ linux/amd64                111111111111   1MB
└─ linux/arm64                222222222222   0B
<untagged>                    eeeeeeeeeeee   0B
└─ linux/s390x                eeeeeeeeeeee   0B
`,
  );
});

const LINES: readonly HistoryLine[] = [
  {
    id: id('a'),
    created: '2024-05-09T22:00:00Z',
    createdBy: `RUN |1 X=1 /bin/sh -c apt-get update\n  && apt-get install -y\x1b[31m curl`,
    comment: 'buildkit.dockerfile.v0',
    size: 1_048_576,
    emptyLayer: false,
    names: [],
  },
  { id: undefined, created: undefined, createdBy: 'ENV A=b', comment: '', size: 0, emptyLayer: true, names: [] },
];

test('lists the steps of an image, with commands cut to 45 columns', () => {
  assert.is(
    formatHistory(LINES, { isWhole: false, now }),
    `IMAGE          CREATED       CREATED BY                                      SIZE     COMMENT
aaaaaaaaaaaa   2 hours ago   RUN |1 X=1 /bin/sh -c apt-get update   && ap…   1.05MB   buildkit.dockerfile.v0
<missing>      N/A           ENV A=b                                         0B
`,
  );
});

test('prints steps as one object a line, whole when asked', () => {
  const [first] = formatHistoryJson(LINES, { isWhole: true, now }).split('\n');
  assert.is(JSON.parse(first!).CreatedBy, 'RUN |1 X=1 /bin/sh -c apt-get update   && apt-get install -y curl');
  assert.is(JSON.parse(first!).ID, id('a'));
});

test('shows what the store takes, with a total', () => {
  const lines = [{ kind: 'build-cache', count: 3, bytes: 2_000_000, reclaimable: 1_000_000 }] as const;
  assert.is(
    formatUsageTable({ lines, bytes: 2_000_000, reclaimable: 1_000_000 }),
    `TYPE          COUNT   SIZE   RECLAIMABLE
build cache   3       2MB    1MB
total                 2MB    1MB
`,
  );
});

test.run();
