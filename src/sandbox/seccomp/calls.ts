/**
 * System calls that a step may make, grouped by subject: those that ordinary programs use, but none that change the kernel, its mounts,
 * modules, clocks or namespaces. The same set as Docker's default profile of 2026 (moby `profiles`). Runtimes ignore names that a kernel
 * or architecture does not have.
 */

/** Clocks and timers, to read and to wait for. */
const CLOCKS = `
  adjtimex alarm clock_adjtime clock_adjtime64 clock_getres clock_getres_time64 clock_gettime
  clock_gettime64 clock_nanosleep clock_nanosleep_time64 getitimer gettimeofday nanosleep setitimer
  time timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 timer_settime
  timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime timerfd_settime64
  times utime utimes
`;

/** Extended attributes. */
const EXTENDED_ATTRIBUTES = `
  fgetxattr flistxattr fremovexattr fsetxattr getxattr getxattrat lgetxattr listxattr listxattrat
  llistxattr lremovexattr lsetxattr removexattr removexattrat setxattr setxattrat
`;

/** Files and directories. */
const FILES = `
  _llseek access chdir chmod chown chown32 close close_range copy_file_range creat dup dup2 dup3
  faccessat faccessat2 fadvise64 fadvise64_64 fallocate fchdir fchmod fchmodat fchmodat2 fchown
  fchown32 fchownat fcntl fcntl64 fdatasync flock fstat fstat64 fstatat64 fstatfs fstatfs64 fsync
  ftruncate ftruncate64 futimesat getcwd getdents getdents64 ioctl lchown lchown32 link linkat
  listmount lseek lstat lstat64 mkdir mkdirat mknod mknodat name_to_handle_at newfstatat open openat
  openat2 pipe pipe2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead readlink
  readlinkat readv rename renameat renameat2 rmdir sendfile sendfile64 splice stat stat64 statfs
  statfs64 statmount statx symlink symlinkat sync sync_file_range syncfs tee truncate truncate64
  unlink unlinkat utimensat utimensat_time64 vmsplice write writev
`;

/** Futexes, threads, scheduling. */
const FUTEXES = `
  futex futex_requeue futex_time64 futex_wait futex_waitv futex_wake get_robust_list get_thread_area
  gettid rseq sched_getaffinity sched_getattr sched_getparam sched_getscheduler
  sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr sched_setparam
  sched_setscheduler sched_yield set_robust_list set_thread_area set_tid_address waitid
`;

/** Users, groups, capabilities, limits. */
const IDENTITY = `
  capget capset getegid getegid32 geteuid geteuid32 getgid getgid32 getgroups getgroups32 getpgid
  getpriority getresgid getresgid32 getresuid getresuid32 getrlimit getrusage getuid getuid32
  landlock_add_rule landlock_create_ruleset landlock_restrict_self prctl prlimit64
  sched_get_priority_max sched_get_priority_min seccomp setfsgid setfsgid32 setfsuid setfsuid32
  setgid setgid32 setgroups setgroups32 setpgid setpriority setregid setregid32 setresgid
  setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit setuid setuid32 ugetrlimit umask
`;

/** System V and POSIX queues, semaphores, shared memory. */
const IPC = `
  ipc mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend
  mq_timedsend_time64 mq_unlink msgctl msgget msgrcv msgsnd semctl semget semop semtimedop
  semtimedop_time64 shmat shmctl shmdt shmget
`;

/** Memory. */
const MEMORY = `
  brk cachestat madvise map_shadow_stack membarrier memfd_create memfd_secret mincore mlock mlock2
  mlockall mmap mmap2 mprotect mremap mseal msync munlock munlockall munmap pkey_alloc pkey_free
  pkey_mprotect process_mrelease remap_file_pages
`;

/** Processes. */
const PROCESSES = `
  execve execveat exit exit_group fork getcpu getpgrp getpid getppid getrandom getsid ioprio_get
  ioprio_set pidfd_open riscv_hwprobe setsid sysinfo uname uretprobe vfork wait4 waitpid
`;

/** Signals. */
const SIGNALS = `
  kill pause pidfd_send_signal restart_syscall rt_sigaction rt_sigpending rt_sigprocmask
  rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64
  rt_tgsigqueueinfo sigaltstack sigprocmask sigreturn tgkill tkill
`;

/** Sockets, except creating one. */
const SOCKETS = `
  accept accept4 bind connect getpeername getsockname getsockopt listen recv recvfrom recvmmsg
  recvmmsg_time64 recvmsg send sendmmsg sendmsg sendto setsockopt shutdown socketcall socketpair
`;

/** Waiting for several events at once. */
const WAITING = `
  _newselect epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait
  epoll_wait_old eventfd eventfd2 fanotify_mark inotify_add_watch inotify_init inotify_init1
  inotify_rm_watch io_cancel io_destroy io_getevents io_pgetevents io_pgetevents_time64 io_setup
  io_submit poll ppoll ppoll_time64 pselect6 pselect6_time64 select signalfd signalfd4
`;

/** All calls that are permitted with any arguments. */
export const ALLOWED_CALLS: readonly string[] = [
  CLOCKS,
  EXTENDED_ATTRIBUTES,
  FILES,
  FUTEXES,
  IDENTITY,
  IPC,
  MEMORY,
  PROCESSES,
  SIGNALS,
  SOCKETS,
  WAITING,
].flatMap((names) => names.trim().split(/\s+/));
