// What a program does with testcontainers, one line of output for each thing. Reads DOCKER_HOST. Arguments: a folder with a build file.
import { GenericContainer, Network, Wait } from 'testcontainers';

const say = (...values) => console.log(values.map((value) => JSON.stringify(value)).join(' '));
const serve = ['sh', '-c', 'echo starting; mkdir /www; echo page > /www/index.html; exec httpd -f -v -p 80 -h /www'];

const network = await new Network().start();
const web = await new GenericContainer('bb')
  .withCommand(serve)
  .withExposedPorts(80)
  .withNetwork(network)
  .withNetworkAliases('web')
  .withCopyContentToContainer([{ content: 'copied', target: '/copied' }])
  .withWaitStrategy(Wait.forAll([Wait.forListeningPorts(), Wait.forLogMessage('starting')]))
  .start();
const answer = await fetch(`http://${web.getHost()}:${web.getMappedPort(80)}/`);
say(answer.status, await answer.text());
say((await web.exec(['cat', '/copied'])).output, (await web.exec(['sh', '-c', 'exit 5'])).exitCode);

const built = await (
  await GenericContainer.fromDockerfile(process.argv[2]).build('by-testcontainers', { deleteOnExit: false })
)
  .withNetwork(network)
  .withCommand(['sh', '-c', 'wget -q -O - http://web/ && exec sleep 1000'])
  .withWaitStrategy(Wait.forLogMessage('page'))
  .start();
say('a name was found');

const logs = await web.logs();
logs.destroy();
await web.restart();
await Promise.all([web, built].map((container) => container.stop({ timeout: 0 })));
await network.stop();
say('stopped');
