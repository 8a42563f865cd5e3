"""What a program does with docker-py, one line of output for each thing. Arguments: the address of the daemon."""
import io
import sys
import tarfile

import docker

client = docker.DockerClient(base_url=sys.argv[1], timeout=20)
print(client.ping(), client.containers.run('bb', ['echo', 'hi'], remove=True, network_mode='none'))
try:
    client.containers.run('bb', ['sh', '-c', 'echo bad >&2; exit 3'], remove=True, network_mode='none')
except docker.errors.ContainerError as error:
    print(error.exit_status, error.stderr)
try:
    client.images.get('nothing')
except docker.errors.ImageNotFound:
    print('no such image')
script = ['sh', '-c', 'while :; do echo tick; sleep 0.1; done']
service = client.containers.run('bb', script, detach=True, network_mode='none', labels={'a': 'b'})
service.reload()
print(service.status, service.exec_run(['echo', 'x']).output, service.exec_run(['sh', '-c', 'exit 4']).exit_code)
print(next(service.logs(stream=True, follow=True)))
packed = io.BytesIO()
with tarfile.open(fileobj=packed, mode='w') as archive:
    member = tarfile.TarInfo('file')
    member.size = 3
    archive.addfile(member, io.BytesIO(b'abc'))
print(service.put_archive('/tmp', packed.getvalue()))
chunks, stat = service.get_archive('/tmp/file')
print(stat['name'], len(b''.join(chunks)))
print(len(client.containers.list(filters={'label': 'a=b'})))
service.kill()
print(service.wait()['StatusCode'])
service.remove()
image, _ = client.images.build(fileobj=io.BytesIO(b'FROM bb\nLABEL x=y\n'), tag='built-by-python')
print(image.tags, image.labels)
volume = client.volumes.create('python-volume')
volume.remove()
print(volume.name, [network.name for network in client.networks.list(names=['none'])])
