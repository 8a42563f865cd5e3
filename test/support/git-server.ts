import { execFileSync, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Shows the repositories of a folder by git's own CGI program, as a server would, while the work lasts. `asked`: the requests. */
export async function servedRepositories<T>(
  folder: string,
  work: (base: string, asked: string[]) => Promise<T>,
): Promise<T> {
  const programs = execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim();
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    const [path = '', query = ''] = (request.url ?? '').split('?');
    const env = {
      ...{ PATH: process.env.PATH ?? '', GIT_PROJECT_ROOT: folder, GIT_HTTP_EXPORT_ALL: '1', PATH_INFO: path },
      ...{ QUERY_STRING: query, REQUEST_METHOD: request.method, CONTENT_TYPE: request.headers['content-type'] ?? '' },
      ...{ GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''), REMOTE_USER: '', HOME: folder },
      ...{ HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '', GIT_CONFIG_COUNT: '1' },
      ...{ GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' },
    };
    const child = spawn(join(programs, 'git-http-backend'), { env, stdio: ['pipe', 'pipe', 'ignore'] });
    request.pipe(child.stdin);
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('close', () => {
      const bytes = Buffer.concat(chunks);
      const end = bytes.indexOf('\r\n\r\n');
      for (const line of bytes.toString('latin1', 0, end).split('\r\n')) {
        const [name = '', ...value] = line.split(': ');
        if (name === 'Status') response.statusCode = Number.parseInt(value.join(''), 10);
        else if (name !== '') response.setHeader(name, value.join(': '));
      }
      response.end(bytes.subarray(end + 4));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
