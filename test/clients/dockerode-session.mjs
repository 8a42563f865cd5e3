// What a program does with dockerode, one line of output for each thing. Arguments: the socket of the daemon.
import { PassThrough } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import Docker from 'dockerode';

const docker = new Docker({ socketPath: process.argv[2] });
const say = (...values) => console.log(values.map((value) => JSON.stringify(value)).join(' '));
const settings = { HostConfig: { NetworkMode: 'none' } };
/** Splits the frames of a stream without a terminal. */
async function read(stream) {
  const [out, err] = [new PassThrough(), new PassThrough()];
  docker.modem.demuxStream(stream, out, err);
  stream.on('end', () => {
    out.end();
    err.end();
  });
  return [await text(out), await text(err)];
}

say(String(await docker.ping()), (await docker.version()).Os);

const output = new PassThrough();
const [{ StatusCode }, once] = await docker.run('bb', ['sh', '-c', 'echo hi; exit 3'], output, {
  ...settings,
  Tty: false,
});
await once.remove();
say(StatusCode);

const service = await docker.createContainer({
  Image: 'bb',
  Cmd: ['sh', '-c', 'echo out; echo err >&2; exec sleep 1000'],
  name: 'service',
  Labels: { a: 'b' },
  ...settings,
});
await service.start();
say((await service.inspect()).State.Status, (await docker.listContainers({ filters: { label: ['a=b'] } })).length);

const exec = await service.exec({
  Cmd: ['sh', '-c', 'cat; echo done >&2; exit 4'],
  AttachStdin: true,
  AttachStdout: true,
  AttachStderr: true,
});
const stream = await exec.start({ hijack: true, stdin: true });
stream.write('typed\n');
stream.end();
say(await read(stream), (await exec.inspect()).ExitCode);

let logs;
do logs = await service.logs({ stdout: true, stderr: true });
while (logs.length < 24);
say(logs.length);

say(
  (await service.stats({ stream: false })).memory_stats.usage > 0,
  (await service.top({ ps_args: '-o pid,args' })).Titles,
);
await service.pause();
say((await service.inspect()).State.Status);
await service.unpause();

const attached = await docker.createContainer({
  Image: 'bb',
  Cmd: ['cat'],
  OpenStdin: true,
  StdinOnce: true,
  AttachStdin: true,
  AttachStdout: true,
  ...settings,
});
const pipe = await attached.attach({ stream: true, hijack: true, stdin: true, stdout: true, stderr: true });
await attached.start();
pipe.end('through\n');
say(await read(pipe), (await attached.wait()).StatusCode);
await attached.remove();

const tar = await service.getArchive({ path: '/bin/busybox' });
say((await buffer(tar)).length > 100_000);

for (const version of ['1', '2']) {
  const build = await docker.buildImage(
    { context: process.argv[3], src: ['Dockerfile'] },
    { t: `by-${version}`, version },
  );
  const lines = await new Promise((done, fail) => {
    docker.modem.followProgress(build, (error, all) => (error ? fail(error) : done(all)));
  });
  say(lines.at(-1).stream, (await docker.getImage(`by-${version}`).inspect()).Config.Labels);
}

await service.stop({ t: 0 });
say((await service.wait()).StatusCode);
await service.remove({ v: true });
await docker
  .getContainer('service')
  .inspect()
  .catch((error) => say(error.statusCode, error.json));
await docker.createContainer({ Image: 'nothing' }).catch((error) => say(error.statusCode, error.json));
