// Attacks before the rings are in use.
#include "attacker.h"

#include <grp.h>

// What the server answers before it hangs up.
static void report(int socket)
{
    struct ring_welcome welcome;
    int memory = receive_welcome(socket, &welcome);
    say("status %u%s", welcome.status, memory >= 0 ? " and memory" : "");
    wait_for_end(socket);
}

static void hello(char **arguments)
{
    struct ring_hello hello = good_hello();
    if (strcmp(arguments[0], "magic") == 0)
        hello.magic[7] = 'X';
    else if (strcmp(arguments[0], "version") == 0)
        hello.version = 2;
    else if (strcmp(arguments[0], "length") == 0)
        hello.bytes = 65;
    else
        hello.reply_bytes = hello.request_bytes = (uint32_t)strtoul(arguments[0], NULL, 0);
    int socket = connect_to_server();
    send_all(socket, &hello, sizeof hello);
    report(socket);
}

static void silent(char **arguments)
{
    struct rings rings;
    struct ring_hello hello = good_hello();
    int socket = connect_to_server();
    send_all(socket, &hello, strtoul(arguments[0], NULL, 0));
    if (strtoul(arguments[0], NULL, 0) == sizeof hello)
        map_welcome(&rings, socket);
    say("silent");
    wait_for_end(socket);
}

static void bytewise(char **arguments)
{
    (void)arguments;
    struct rings rings;
    struct ring_hello hello = good_hello();
    int socket = connect_to_server();
    for (size_t i = 0; i < sizeof hello; i++)
        send_all(socket, (char *)&hello + i, 1);
    map_welcome(&rings, socket);
    if (!say_mapped(socket))
        fail(1, "not attached");
    ask(&rings, 100);
    say("served");
    wait_for_word();
}

static void trailing(char **arguments)
{
    (void)arguments;
    char bytes[65 + 1000];
    struct ring_hello hello = good_hello();
    memset(bytes, 'X', sizeof bytes);
    memcpy(bytes, &hello, sizeof hello);
    int socket = connect_to_server();
    send_all(socket, bytes, sizeof bytes);
    wait_for_end(socket);
}

// How often the server's kernel did not let them through.
static int refused;

// 253 of them, as many as the kernel takes at once.
static void send_descriptors(int socket, const void *bytes, size_t length)
{
    enum { COUNT = 253 };
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(COUNT * sizeof(int))];
    } control = {.header = {CMSG_LEN(COUNT * sizeof(int)), SOL_SOCKET, SCM_RIGHTS}};
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0)
        fail(1, "no sockets");
    for (int i = 0; i < COUNT; i++)
        ((int *)CMSG_DATA(&control.header))[i] = pair[0];
    struct iovec piece = {(void *)bytes, length};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    if (sendmsg(socket, &message, MSG_NOSIGNAL) != (ssize_t)length) {
        if (errno != EPERM)
            fail(1, "cannot send descriptors: %s", strerror(errno));
        refused++;
        send_all(socket, bytes, length);
    }
    close(pair[0]);
    close(pair[1]);
}

static void stray(char **arguments)
{
    (void)arguments;
    struct rings rings;
    char go;
    struct ring_hello hello = good_hello();
    int socket = connect_to_server();
    send_descriptors(socket, &hello, 32);
    send_descriptors(socket, (char *)&hello + 32, 32);
    map_welcome(&rings, socket);
    send_descriptors(socket, "M", 1);
    if (recv(socket, &go, 1, 0) != 1 || go != 'G')
        fail(1, "not attached");
    for (int i = 0; i < 10; i++) {
        send_descriptors(socket, "B", 1);
        ask(&rings, 100);
    }
    say(refused == 0 ? "served" : refused == 13 ? "served without any of them" : "served without some of them");
    wait_for_word();
}

// After: the connect, half of the hello, the hello, the welcome, 'M', 'G'.
static void hangup(char **arguments)
{
    unsigned long stage = strtoul(arguments[0], NULL, 0), times = strtoul(arguments[1], NULL, 0);
    for (unsigned long i = 0; i < times; i++) {
        struct rings rings = {0};
        struct ring_hello hello = good_hello();
        int memory = -1, socket = connect_to_server();
        if (stage >= 1)
            send_all(socket, &hello, stage == 1 ? 32 : 64);
        if (stage >= 3)
            memory = map_welcome(&rings, socket);
        if (stage == 4)
            send_all(socket, "M", 1);
        if (stage == 5 && !say_mapped(socket))
            fail(1, "not attached");
        close(socket);
        close(memory);
        unmap_rings(&rings);
    }
    say("done");
}

static void as(char **arguments)
{
    unsigned user = (unsigned)strtoul(arguments[0], NULL, 0);
    if (setgroups(0, NULL) != 0 || setgid(user) != 0 || setuid(user) != 0)
        fail(1, "cannot become another: %s", strerror(errno));
    int socket = connect_to_server();
    struct ring_hello hello = good_hello();
    (void)!send(socket, &hello, sizeof hello, MSG_NOSIGNAL);
    report(socket);
}

const struct attack handshake_attacks[] = {
    {"hello", hello}, {"silent", silent}, {"bytewise", bytewise}, {"trailing", trailing}, {"stray", stray},
    {"hangup", hangup}, {"as", as}, {0},
};
