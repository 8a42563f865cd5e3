/** What is built. The limits are the project's own aims. */
import { changeFile, changeJar, writeJar, writeManyFiles, writeTenFiles } from './contexts.ts';
import type { Scenario } from './scenario.ts';

const joinLines = (...all: readonly string[]) => `${all.join('\n')}\n`;
const countUpTo = (count: number) => Array.from({ length: count }, (_, index) => index);

/** Five of its ten steps copy a file, five run something with it. */
const cached: Scenario = {
  name: 'cached',
  base: 'busybox',
  dockerfile: joinLines(
    'FROM bench-busybox',
    ...countUpTo(5).flatMap((index) => [
      `COPY file${index} /srv/file${index}`,
      `RUN cat /srv/file${index} >> /srv/all${index}`,
    ]),
    'CMD ["cat", "/srv/all0"]',
  ),
  forgets: 'once',
  fill: writeTenFiles,
  moments: [
    { id: 'cached-image', title: 'ten steps, all cached', output: 'image', limit: 1.5 },
    { id: 'cached-archive', title: 'ten steps, all cached, to a tarball', output: 'archive', limit: 0.9 },
  ],
};

/** `ROUND` is seen by every `RUN`, so that a new value is a new build of all of them. */
const steps: Scenario = {
  name: 'steps',
  base: 'busybox',
  dockerfile: joinLines(
    'FROM bench-busybox',
    'ARG ROUND',
    ...countUpTo(50).map((index) => `RUN echo ${index} > /step${index}`),
  ),
  forgets: 'once',
  fill: () => {},
  moments: (
    [
      ['runc', 0.9],
      ['crun', 0.9],
      ['namespaces', 0.3],
    ] as const
  ).map(([isolation, limit]) => ({
    id: `steps-${isolation}`,
    title: `50 RUN steps, ${isolation}`,
    output: 'image',
    limit,
    isolation,
    args: (round) => ({ ROUND: `${isolation}-${round}` }),
  })),
};

const files: Scenario = {
  name: 'files',
  base: 'busybox',
  dockerfile: joinLines('FROM bench-busybox', 'COPY . /srv/'),
  forgets: 'every round',
  fill: writeManyFiles,
  moments: [
    { id: 'files-first', title: 'COPY of 30,000 files, first', output: 'image', limit: 0.15 },
    { id: 'files-same', title: 'COPY of 30,000 files, none changed', output: 'image', limit: 0.8 },
    { id: 'files-one', title: 'COPY of 30,000 files, one changed', output: 'image', limit: 0.15, change: changeFile },
  ],
};

/** Another folder is another first build; the base is there already, as it is on the machine of somebody who works with it. */
const jar: Scenario = {
  name: 'jar',
  base: 'java',
  dockerfile: joinLines(
    ...[
      'FROM bench-java',
      'ARG FOLDER',
      'WORKDIR /srv/$FOLDER',
      'ADD app.jar app.jar',
      'EXPOSE 8080',
      'USER 10001:10001',
    ],
    'ENTRYPOINT ["java", "-jar", "app.jar"]',
  ),
  forgets: 'once',
  fill: writeJar,
  moments: (['archive', 'image'] as const).flatMap((output) => {
    const title = `40 MB jar on a Java base${output === 'image' ? '' : ', to a tarball'}`;
    const limit = output === 'image' ? 0.5 : 0.4;
    const createFolderArgs = (round: number) => ({ FOLDER: `${output}${round}` });
    return [
      { id: `jar-first-${output}`, title: `${title}, first`, output, limit, change: changeJar, args: createFolderArgs },
      {
        id: `jar-changed-${output}`,
        title: `${title}, changed`,
        output,
        limit,
        change: changeJar,
        args: createFolderArgs,
      },
    ];
  }),
};

export const SCENARIOS: readonly Scenario[] = [cached, steps, files, jar];
