// refclient: one request at a time, spinning on the receive, every reply verified, every latency kept.
#include "common.h"

#include <getopt.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>
#include <unistd.h>

static const int64_t give_up_after_ns = 5000000000;
static const char *request = "ping", *reply = "respuesta";
static struct target target;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000 + time.tv_nsec;
}

// Blocking: on loopback the handshake is over when connect returns, and nothing has slept.
static int open_connection(void)
{
    int connection = socket(target.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    send_at_once(connection, &target);
    if (connection < 0 || connect(connection, &target.address.any, target.length) != 0)
        fail(1, "cannot connect: %s", strerror(errno));
    return connection;
}

static void exchange(int connection, size_t request_length, size_t reply_length)
{
    char buffer[4096];
    size_t received = 0;
    int64_t give_up_at = 0;
    if (send(connection, request, request_length, MSG_NOSIGNAL) != (ssize_t)request_length)
        fail(1, "cannot send the request: %s", strerror(errno));
    for (uint32_t rounds = 1; received < reply_length; rounds++) {
        ssize_t count = recv(connection, buffer, sizeof buffer, MSG_DONTWAIT);
        if (count > 0) {
            if ((size_t)count > reply_length - received || memcmp(buffer, reply + received, (size_t)count) != 0)
                fail(1, "the reply is not '%s'", reply);
            received += (size_t)count;
        } else if (count == 0) {
            fail(1, "the peer closed the connection before its reply was complete");
        } else if (errno != EAGAIN && errno != EINTR) {
            fail(1, "cannot receive: %s", strerror(errno));
        } else if (rounds % 4096 == 0) {
            int64_t time = now();
            if (give_up_at == 0)
                give_up_at = time + give_up_after_ns;
            else if (time > give_up_at)
                fail(1, "no reply for 5 seconds");
        }
    }
}

static int ascending(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"mode", required_argument, NULL, 'm'}, {"requests", required_argument, NULL, 'n'},
        {"warmup", required_argument, NULL, 'w'}, {"cpu", required_argument, NULL, 'c'},
        {"request", required_argument, NULL, 'q'}, {"reply", required_argument, NULL, 'r'}, {NULL, 0, NULL, 0},
    };
    size_t requests = 100000, warmup = 10000;
    const char *mode = "ping-pong";
    long cpu = -1;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'm': mode = optarg; break;
        case 'n': requests = parse_number("--requests", optarg, 1, 100000000); break;
        case 'w': warmup = parse_number("--warmup", optarg, 0, 100000000); break;
        case 'c': cpu = (long)parse_number("--cpu", optarg, 0, CPU_SETSIZE - 1); break;
        case 'q': request = optarg; break;
        case 'r': reply = optarg; break;
        default: return EXIT_USAGE; // getopt_long has said what is wrong
        }
    }
    bool per_connection = strcmp(mode, "per-connection") == 0;
    if (optind + 1 != argc || *request == '\0' || *reply == '\0' || (!per_connection && strcmp(mode, "ping-pong") != 0))
        fail(EXIT_USAGE, "usage: refclient tcp://127.0.0.1:PORT|unix:///PATH [--mode ping-pong|per-connection]"
            " [--requests N] [--warmup N] [--cpu N] [--request TEXT] [--reply TEXT]");
    target = parse_target(argv[optind]);
    if (cpu >= 0)
        pin((unsigned long)cpu);

    size_t request_length = strlen(request), reply_length = strlen(reply);
    int64_t *latencies = malloc(requests * sizeof *latencies);
    if (latencies == NULL)
        fail(1, "no memory for %zu latencies", requests);
    memset(latencies, 1, requests * sizeof *latencies); // every page is there before the clock runs
    int connection = per_connection ? -1 : open_connection();
    int64_t began = now(), sum = 0;
    for (size_t i = 0; i < warmup + requests; i++) {
        int64_t sent = now();
        if (i == warmup)
            began = sent;
        if (per_connection)
            connection = open_connection();
        exchange(connection, request_length, reply_length);
        int64_t latency = now() - sent;
        if (per_connection)
            close(connection); // not part of the latency, but of the rate
        if (i >= warmup)
            sum += latencies[i - warmup] = latency;
    }
    double seconds = (double)(now() - began) / 1e9;

    qsort(latencies, requests, sizeof *latencies, ascending);
    printf("{\"requests\":%zu", requests);
    static const struct { const char *name; size_t per_mille; } ranks[] = {
        {"p50_ns", 500}, {"p90_ns", 900}, {"p99_ns", 990}, {"p99_9_ns", 999}, {"max_ns", 1000}};
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
        printf(",\"%s\":%ld", ranks[i].name, latencies[(requests * ranks[i].per_mille + 999) / 1000 - 1]);
    printf(",\"mean_ns\":%.1f,\"requests_per_second\":%.1f}\n", (double)sum / (double)requests, (double)requests / seconds);
    return fflush(stdout) == 0 ? 0 : 1;
}
