import { execFileSync } from 'node:child_process';

/**
 * A program that tries what a contained process must not be able to do. Each argument is one attempt; a line for each says
 * how it ended: `userns EPERM`, `keyring OK`.
 */
const INTRUDER = String.raw`
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static long mount_fresh(const char *type) {
  if (unshare(CLONE_NEWUSER | CLONE_NEWNS)) return -1;
  mkdir("/tmp/fresh", 0755);
  return mount(type, "/tmp/fresh", type, 0, 0);
}
static long by_handle(void) {
  char handle[136] = {0};
  ((unsigned *)handle)[0] = 8, ((int *)handle)[1] = 1; ((unsigned *)handle)[2] = 2;
  return syscall(SYS_open_by_handle_at, open("/", O_RDONLY), handle, O_RDONLY);
}
static long clone_with(unsigned long flags) {
  long pid = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
  if (pid == 0) _exit(0);
  return pid;
}
static long clone3_with(unsigned long long flags) {
  unsigned long long arguments[11] = {flags, 0, 0, 0, SIGCHLD};
  long pid = syscall(SYS_clone3, arguments, 88);
  if (pid == 0) _exit(0);
  return pid;
}
static long write_to(const char *path, const char *text) {
  int file = open(path, O_WRONLY);
  return file < 0 ? -1 : write(file, text, strlen(text));
}
/* Opens a node of each device that a machine may have; EACCES or EPERM is what none of them may get past. */
static long open_devices(void) {
  int devices[][3] = {{S_IFCHR, 1, 5}, {S_IFCHR, 1, 1}, {S_IFCHR, 1, 8}, {S_IFBLK, 7, 0}, {S_IFBLK, 254, 0}, {S_IFBLK, 8, 0}, {S_IFBLK, 259, 0}};
  const char *places[] = {"/tmp/node", "/dev/node", "/dev/shm/node", "/cache/node", "/scratch/node"};
  for (int p = 0; p < 5; p++) for (int d = 0; d < 7; d++) {
    unlink(places[p]);
    if (mknod(places[p], devices[d][0] | 0666, (devices[d][1] << 8) | devices[d][2])) continue;
    int file = open(places[p], O_RDONLY | O_NONBLOCK);
    if (file >= 0) { printf("(%s %d:%d) ", places[p], devices[d][1], devices[d][2]); return 0; }
    if (errno != EACCES && errno != EPERM) return -1;
  }
  errno = EACCES;
  return -1;
}
/* On a mount that lets devices be opened: null opens, and what a step has no business with does not. The last is no device. */
static long open_filtered_devices(void) {
  int devices[][3] = {{S_IFCHR, 1, 11}, {S_IFCHR, 10, 229}, {S_IFBLK, 259, 1048575}};
  unlink("/lifted/node");
  if (mknod("/lifted/node", S_IFCHR | 0666, makedev(1, 3)) || open("/lifted/node", O_RDWR) < 0) return 0;
  for (int d = 0; d < 3; d++) {
    unlink("/lifted/node");
    if (mknod("/lifted/node", devices[d][0] | 0666, makedev(devices[d][1], devices[d][2]))) return 0;
    int file = open("/lifted/node", O_RDONLY | O_NONBLOCK);
    if (file >= 0 || errno != EPERM) return file;
  }
  errno = EPERM;
  return -1;
}
static long connect_abstract(const char *name) {
  struct sockaddr_un address = {AF_UNIX};
  memcpy(address.sun_path + 1, name, strlen(name));
  return connect(socket(AF_UNIX, SOCK_STREAM, 0), (void *)&address, 3 + strlen(name));
}
static long signal_all(void) {
  for (int pid = 2; pid < 4194304; pid++) if (pid != getpid() && kill(pid, 0) == 0) return pid;
  return -1;
}

static long attempt(const char *what) {
  if (!strcmp(what, "userns")) return unshare(CLONE_NEWUSER);
  if (!strcmp(what, "userns-by-clone")) return clone_with(CLONE_NEWUSER);
  if (!strcmp(what, "userns-by-clone3")) return clone3_with(CLONE_NEWUSER);
  if (!strcmp(what, "mntns")) return unshare(CLONE_NEWNS);
  if (!strcmp(what, "unshare-nothing")) return unshare(0);
  if (!strcmp(what, "setns")) return setns(open("/proc/self/ns/uts", O_RDONLY), 0);
  if (!strcmp(what, "mount")) return mount("tmpfs", "/tmp", "tmpfs", 0, 0);
  if (!strcmp(what, "remount")) return mount(0, "/", 0, MS_REMOUNT | MS_BIND, 0);
  if (!strcmp(what, "umount")) return umount2("/proc", MNT_DETACH);
  if (!strcmp(what, "pivot_root")) return syscall(SYS_pivot_root, "/tmp", "/tmp");
  if (!strcmp(what, "fsopen")) return syscall(430, "proc", 0);
  if (!strcmp(what, "open_tree")) return syscall(428, AT_FDCWD, "/", 1);
  if (!strcmp(what, "fresh-proc")) return mount_fresh("proc");
  if (!strcmp(what, "fresh-sysfs")) return mount_fresh("sysfs");
  if (!strcmp(what, "fresh-cgroup")) return mount_fresh("cgroup");
  if (!strcmp(what, "keyring")) return syscall(SYS_keyctl, 10, -3, "user", "mkimage-test-key", 0);
  if (!strcmp(what, "keyctl")) return syscall(SYS_keyctl, 0, -3, 0);
  if (!strcmp(what, "add_key")) return syscall(SYS_add_key, "user", "x", "y", 1, -3);
  if (!strcmp(what, "bpf")) return syscall(SYS_bpf, 0, 0, 0);
  if (!strcmp(what, "by-handle")) return by_handle();
  if (!strcmp(what, "userfaultfd")) return syscall(SYS_userfaultfd, 0);
  if (!strcmp(what, "io_uring")) { char parameters[120] = {0}; return syscall(425, 1, parameters); }
  if (!strcmp(what, "perf")) { char attributes[128] = {0}; return syscall(SYS_perf_event_open, attributes, 0, -1, -1, 0); }
  if (!strcmp(what, "vsock")) return socket(40, SOCK_STREAM, 0);
  if (!strcmp(what, "devices")) return open_devices();
  if (!strcmp(what, "filtered-devices")) return open_filtered_devices();
  if (!strcmp(what, "core_pattern")) return write_to("/proc/sys/kernel/core_pattern", "core");
  if (!strcmp(what, "sysctl")) return write_to("/proc/sys/vm/swappiness", "60");
  if (!strcmp(what, "sysrq")) return write_to("/proc/sysrq-trigger", "h");
  if (!strcmp(what, "sys-power")) return write_to("/sys/power/state", "x");
  if (!strcmp(what, "oom-init")) return write_to("/proc/1/oom_score_adj", "-900");
  if (!strcmp(what, "signal-all")) return signal_all();
  if (!strncmp(what, "abstract=", 9)) return connect_abstract(what + 9);
  errno = ENOSYS;
  return -1;
}

int main(int count, char **arguments) {
  for (int i = 1; i < count; i++) {
    fflush(stdout);
    int pid = fork();
    if (pid == 0) {
      long result = attempt(arguments[i]);
      printf("%s %s\n", arguments[i], result >= 0 ? "OK" : strerrorname_np(errno));
      fflush(stdout);
      _exit(0);
    }
    waitpid(pid, 0, 0);
  }
  return 0;
}`;

/** Writes the program, a static one. Needs gcc. */
export function compileIntruder(file: string): void {
  execFileSync('gcc', ['-static', '-w', '-x', 'c', '-o', file, '-'], { input: INTRUDER });
}
