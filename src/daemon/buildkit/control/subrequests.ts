/** Questions about a build file: `docker build --check`, `--call outline`, `--call targets`. */
import type { BuildFileAnswer, Question } from '../../../api/index.ts';
import { MkimageError } from '../../../errors.ts';
import type { FrontendRun } from '../frontend/run.ts';

const DESCRIBE = 'frontend.subrequests.describe';

interface Subrequest {
  readonly question: Question;
  readonly version: string;
  readonly description: string;
}

const SUBREQUESTS: ReadonlyMap<string, Subrequest> = new Map<string, Subrequest>([
  ['frontend.lint', { question: 'check', version: '1.0.0', description: 'Lint a Dockerfile' }],
  [
    'frontend.outline',
    { question: 'outline', version: '1.0.0', description: 'List all parameters current build target supports' },
  ],
  [
    'frontend.targets',
    { question: 'targets', version: '1.0.0', description: 'List all targets current build supports' },
  ],
]);

/** Returns the metadata of the result. Throws `unsupported` for an unknown question, and as the engine does. */
export async function answerQuestion(run: FrontendRun, name: string): Promise<Map<string, Uint8Array>> {
  if (name === DESCRIBE) return toMetadata(describeAll(), '1.0.0', 0);
  const subrequest = SUBREQUESTS.get(name);
  if (subrequest === undefined)
    throw new MkimageError('unsupported', `build: unsupported request ${name}`, {
      hint: `requests are ${[...SUBREQUESTS.keys()].join(', ')}`,
    });
  const answer = await run.ask(subrequest.question);
  return toMetadata(answer.json, subrequest.version, hasFindings(answer) ? 1 : 0);
}

function hasFindings(answer: BuildFileAnswer): boolean {
  return answer.question === 'check' && answer.diagnostics.length > 0;
}

function describeAll(): object {
  const list = [...SUBREQUESTS].map(([Name, { version, description }]) => [Name, version, description]);
  return [...list, [DESCRIBE, '1.0.0', 'List available subrequest types']].map(([Name, Version, Description]) => ({
    Name,
    Version,
    Type: 'rpc',
    Description,
    Opts: null,
    Inputs: null,
    Metadata: [{ Name: 'result.json' }, { Name: 'result.txt' }],
    Refs: null,
  }));
}

/** Clients format the JSON themselves; the text is for those that do not know its kind. */
function toMetadata(json: object, version: string, status: number): Map<string, Uint8Array> {
  const encode = (text: string): [Uint8Array] => [Buffer.from(text)];
  return new Map<string, Uint8Array>([
    ['result.json', ...encode(JSON.stringify(json))],
    ['result.txt', ...encode(`${JSON.stringify(json, undefined, 2)}\n`)],
    ['result.statuscode', ...encode(String(status))],
    ['version', ...encode(version)],
  ]);
}
