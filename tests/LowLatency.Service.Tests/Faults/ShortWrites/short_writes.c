// Runs a program whose sends are cut short: short_writes SEED PROGRAM [ARGUMENT...]
//
// Of each non-blocking send of more than one byte only some bytes go out, and one in eight fails with EAGAIN, as if the socket's
// buffer were almost full. The program cannot tell the difference: the kernel holds the call (seccomp(2), user notification), and a
// process beside makes a shorter one on the same socket in its place. At the end that process says how often.
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

#if defined(__x86_64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OWN_ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "x86-64 and arm64 are known here."
#endif

enum { MOST = 64 * 1024 };

static uint64_t state;

static uint64_t next_random(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state;
}

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

// What is held: send(..., MSG_DONTWAIT | MSG_NOSIGNAL) of more than a byte. A single byte is a door bell, which may get lost only
// where others are on their way.
static int install_filter(void)
{
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCHITECTURE, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, __NR_sendto, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[3])),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, MSG_DONTWAIT | MSG_NOSIGNAL, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[2])),
        BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 1, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = { .len = sizeof code / sizeof code[0], .filter = code };
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        fail("prctl");
    // A call that is being answered is interrupted by no signal but a deadly one: it would be made, and sent, twice.
    int listener = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, &program);
    if (listener < 0)
        fail("seccomp");
    return listener;
}

static void pass_descriptor(int to, int descriptor)
{
    char control[CMSG_SPACE(sizeof descriptor)] = { 0 };
    struct iovec byte = { .iov_base = "", .iov_len = 1 };
    struct msghdr message = { .msg_iov = &byte, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
    if (sendmsg(to, &message, 0) != 1)
        fail("sendmsg");
}

static int take_descriptor(int from)
{
    int descriptor = -1;
    char byte, control[CMSG_SPACE(sizeof descriptor)];
    struct iovec vector = { .iov_base = &byte, .iov_len = 1 };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control };
    // Nothing, when the other side could not install its filter.
    if (recvmsg(from, &message, 0) != 1 || CMSG_FIRSTHDR(&message) == NULL)
        exit(1);
    memcpy(&descriptor, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof descriptor);
    return descriptor;
}

// Sends the first bytes of what the other process has at an address. Returns how many, or the negative error.
static int64_t send_some(pid_t process, int process_descriptor, const struct seccomp_data *call, size_t count)
{
    static char bytes[MOST];
    struct iovec here = { .iov_base = bytes, .iov_len = count };
    struct iovec there = { .iov_base = (void *)(uintptr_t)call->args[1], .iov_len = count };
    if (process_vm_readv(process, &here, 1, &there, 1, 0) != (ssize_t)count)
        fail("process_vm_readv");
    int socket = (int)syscall(SYS_pidfd_getfd, process_descriptor, (int)call->args[0], 0);
    if (socket < 0)
        fail("pidfd_getfd");
    ssize_t sent = sendto(socket, bytes, count, (int)call->args[3], NULL, 0);
    int64_t result = sent < 0 ? -errno : sent;
    close(socket);
    return result;
}

static int supervise(int listener, pid_t process)
{
    unsigned long cut = 0, put_off = 0;
    int process_descriptor = (int)syscall(SYS_pidfd_open, process, 0);
    if (process_descriptor < 0)
        fail("pidfd_open");
    struct pollfd waiting = { .fd = listener, .events = POLLIN };
    while (poll(&waiting, 1, -1) > 0 && (waiting.revents & POLLIN)) {
        struct seccomp_notif held = { 0 };
        if (ioctl(listener, SECCOMP_IOCTL_NOTIF_RECV, &held) != 0)
            continue;
        struct seccomp_notif_resp answer = { .id = held.id };
        size_t length = held.data.args[2] < MOST ? held.data.args[2] : MOST;
        size_t count = 1 + next_random() % length;
        int64_t result = next_random() % 8 == 0 ? -EAGAIN : send_some(process, process_descriptor, &held.data, count);
        cut += result > 0 && (uint64_t)result < held.data.args[2];
        put_off += result == -EAGAIN;
        answer.error = result < 0 ? (int)result : 0;
        answer.val = result < 0 ? 0 : result;
        ioctl(listener, SECCOMP_IOCTL_NOTIF_SEND, &answer);
    }
    fprintf(stderr, "short writes: %lu cut, %lu put off\n", cut, put_off);
    return 0;
}

int main(int argc, char **argv)
{
    int pair[2];
    pid_t process = getpid();
    if (argc < 3 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) != 0) {
        fprintf(stderr, "usage: short_writes SEED PROGRAM [ARGUMENT...]\n");
        return 2;
    }
    state = 0x9E3779B97F4A7C15u ^ strtoul(argv[1], NULL, 10);
    pid_t supervisor = fork();
    if (supervisor < 0)
        fail("fork");
    if (supervisor == 0) {
        // It ends with the other, not by a signal that is meant for that one.
        signal(SIGINT, SIG_IGN);
        close(pair[1]);
        return supervise(take_descriptor(pair[0]), process);
    }
    close(pair[0]);
    prctl(PR_SET_PTRACER, supervisor, 0, 0, 0);
    int listener = install_filter();
    pass_descriptor(pair[1], listener);
    close(listener);
    execvp(argv[2], argv + 2);
    fail(argv[2]);
}
