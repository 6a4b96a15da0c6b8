// What the two reference programs share: endpoint addresses, numbers, pinning, one-line errors.
#pragma once

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

enum { EXIT_USAGE = 2 };

struct target {
    union {
        struct sockaddr any;
        struct sockaddr_in tcp;
        struct sockaddr_un local;
    } address;
    socklen_t length;
    int shared_memory; // the address is that of the control socket
};

__attribute__((noreturn, format(printf, 2, 3)))
static inline void fail(int code, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(code);
}

static inline unsigned long parse_number(const char *name, const char *text, unsigned long low, unsigned long high)
{
    char *end = NULL;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < low || value > high)
        fail(EXIT_USAGE, "%s: '%s' is not a number from %lu to %lu", name, text, low, high);
    return value;
}

static inline struct target parse_target(const char *url)
{
    struct target target = {0};
    if (strncmp(url, "tcp://", 6) == 0) {
        char host[INET_ADDRSTRLEN] = "";
        const char *colon = strrchr(url + 6, ':');
        size_t length = colon == NULL ? 0 : (size_t)(colon - (url + 6));
        if (length == 0 || length >= sizeof host)
            fail(EXIT_USAGE, "'%s' is not of the form tcp://127.0.0.1:PORT", url);
        memcpy(host, url + 6, length);
        target.address.tcp.sin_family = AF_INET;
        target.address.tcp.sin_port = htons((in_port_t)parse_number("port", colon + 1, 1, 65535));
        target.length = sizeof target.address.tcp;
        if (inet_pton(AF_INET, host, &target.address.tcp.sin_addr) != 1)
            fail(EXIT_USAGE, "'%s' is not an IPv4 address", host);
    } else if (strncmp(url, "unix:///", 8) == 0 || strncmp(url, "shm:///", 7) == 0) {
        const char *path = strchr(url, ':') + 3;
        target.shared_memory = url[0] == 's';
        if (strlen(path) >= sizeof target.address.local.sun_path)
            fail(EXIT_USAGE, "'%s' is longer than a Unix socket path may be", path);
        target.address.local.sun_family = AF_UNIX;
        strcpy(target.address.local.sun_path, path);
        target.length = sizeof target.address.local;
    } else {
        fail(EXIT_USAGE, "'%s' is none of tcp://127.0.0.1:PORT, unix:///path, shm:///path", url);
    }
    return target;
}

static inline void send_at_once(int socket, const struct target *target)
{
    int on = 1;
    if (target->address.any.sa_family == AF_INET)
        setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

static inline void pin(unsigned long cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set) != 0)
        fail(EXIT_USAGE, "cannot run on CPU %lu: %s", cpu, strerror(errno));
}
