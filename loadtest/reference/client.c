// refclient: one request at a time, or a batch of them, spinning on the receive, every reply verified, every latency kept.
#include "common.h"
#include "ring.h"

#include <getopt.h>
#include <poll.h>
#include <time.h>

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

enum {
    LOOKS_PER_CHECK = 65536, // fruitless looks at a ring, after which the clock and the control socket are looked at
};

// What a wait does now and then: it does not go on for ever, and not after the server's end.
static void check_wait(int socket, int64_t *give_up_at)
{
    char bells[64];
    ssize_t received = recv(socket, bells, sizeof bells, MSG_DONTWAIT);
    if (received == 0 || (received < 0 && errno != EAGAIN && errno != EINTR))
        fail(1, "the peer closed the connection before its reply was complete");
    int64_t time = now();
    if (*give_up_at == 0)
        *give_up_at = time + give_up_after_ns;
    else if (time > *give_up_at)
        fail(1, "no reply for 5 seconds");
}

// Room for so many records is waited for by nobody: not even when the consumer tells of a quarter of the ring at a time.
static uint32_t wanted_ring_bytes(uint64_t records, size_t length)
{
    uint64_t batch = records * record_bytes(length), wanted = RING_LEAST_BYTES;
    while (wanted < RING_MOST_BYTES && (wanted / 4 * 3 < batch + LINE_BYTES || longest_payload(wanted) < length))
        wanted *= 2;
    return wanted <= RING_DEFAULT_BYTES ? 0 : (uint32_t)wanted;
}

static void open_rings(struct rings *rings, size_t pipeline, size_t request_length, size_t reply_length)
{
    int socket = open_connection();
    struct timeval patience = {.tv_sec = give_up_after_ns / 1000000000};
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    join_rings(rings, socket, wanted_ring_bytes(pipeline, request_length), wanted_ring_bytes(pipeline, reply_length));
    if (rings->requests.bytes / 4 * 3 < pipeline * record_bytes(request_length) + LINE_BYTES
        || longest_payload(rings->requests.bytes) < request_length)
        fail(1, "the server's ring of %lu bytes has no room for the requests", (unsigned long)rings->requests.bytes);
}

static void exchange_batch(struct rings *rings, size_t pipeline, size_t request_length, size_t reply_length)
{
    struct ring *requests = &rings->requests, *replies = &rings->replies;
    int64_t give_up_at = 0;
    for (size_t i = 0; i < pipeline; i++) {
        enum room room;
        for (uint32_t looks = 1; (room = room_for(requests, record_bytes(request_length))) == NO_ROOM; looks++) {
            if (looks % LOOKS_PER_CHECK == 0)
                check_wait(requests->bell, &give_up_at);
            pause_spinning();
        }
        if (room == HOSTILE)
            fail(1, "the server consumed what was not there");
        if (pipeline > 1)
            prefetch_to_write(requests);
        produce(requests, request, (uint32_t)request_length);
    }
    flush(requests);
    for (size_t i = 0; i < pipeline; i++) {
        uint32_t word;
        for (uint32_t looks = 1; (word = arrived(replies)) == 0; looks++) {
            if (looks % LOOKS_PER_CHECK == 0)
                check_wait(replies->bell, &give_up_at);
            pause_spinning();
        }
        if (pipeline > 1)
            prefetch_to_read(replies);
        if (word != (PRESENT | reply_length) || memcmp(payload(replies), reply, reply_length) != 0)
            fail(1, "the reply is not '%s'", reply);
        consume(replies, word);
        if (should_publish(replies))
            publish(replies);
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
        {"request", required_argument, NULL, 'q'}, {"reply", required_argument, NULL, 'r'},
        {"pipeline", required_argument, NULL, 'p'}, {NULL, 0, NULL, 0},
    };
    size_t requests = 100000, warmup = 10000, pipeline = 1;
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
        case 'p': pipeline = parse_number("--pipeline", optarg, 1, 1000); break;
        default: return EXIT_USAGE; // getopt_long has said what is wrong
        }
    }
    bool per_connection = strcmp(mode, "per-connection") == 0;
    if (optind + 1 != argc || *request == '\0' || *reply == '\0' || (!per_connection && strcmp(mode, "ping-pong") != 0))
        fail(EXIT_USAGE, "usage: refclient tcp://127.0.0.1:PORT|unix:///PATH|shm:///PATH [--mode ping-pong|per-connection]"
            " [--requests N] [--warmup N] [--pipeline N] [--cpu N] [--request TEXT] [--reply TEXT]");
    target = parse_target(argv[optind]);
    if (per_connection && target.shared_memory)
        fail(EXIT_USAGE, "--mode: per-connection is not for shared memory, whose connections are made to last");
    if (pipeline > 1 && !target.shared_memory)
        fail(EXIT_USAGE, "--pipeline: is for shared memory only, a socket would join the requests to one arrival");
    if (cpu >= 0)
        pin((unsigned long)cpu);

    size_t request_length = strlen(request), reply_length = strlen(reply);
    requests = (requests + pipeline - 1) / pipeline; // batches from here on
    warmup = (warmup + pipeline - 1) / pipeline;
    int64_t *latencies = malloc(requests * sizeof *latencies);
    if (latencies == NULL)
        fail(1, "no memory for %zu latencies", requests);
    memset(latencies, 1, requests * sizeof *latencies); // every page is there before the clock runs
    struct rings rings = {0};
    int connection = -1;
    if (target.shared_memory)
        open_rings(&rings, pipeline, request_length, reply_length);
    else if (!per_connection)
        connection = open_connection();
    int64_t began = now(), sum = 0;
    for (size_t i = 0; i < warmup + requests; i++) {
        int64_t sent = now();
        if (i == warmup)
            began = sent;
        if (per_connection)
            connection = open_connection();
        if (target.shared_memory)
            exchange_batch(&rings, pipeline, request_length, reply_length);
        else
            exchange(connection, request_length, reply_length);
        int64_t latency = now() - sent;
        if (per_connection)
            close(connection); // not part of the latency, but of the rate
        if (i >= warmup)
            sum += latencies[i - warmup] = latency;
    }
    double seconds = (double)(now() - began) / 1e9;

    qsort(latencies, requests, sizeof *latencies, ascending);
    printf("{\"requests\":%zu", requests * pipeline);
    static const struct { const char *name; size_t per_mille; } ranks[] = {
        {"p50_ns", 500}, {"p90_ns", 900}, {"p99_ns", 990}, {"p99_9_ns", 999}, {"max_ns", 1000}};
    for (size_t i = 0; i < sizeof ranks / sizeof *ranks; i++)
        printf(",\"%s\":%ld", ranks[i].name, latencies[(requests * ranks[i].per_mille + 999) / 1000 - 1]);
    double mean = (double)sum / (double)requests;
    printf(",\"mean_ns\":%.1f,\"requests_per_second\":%.1f", mean, (double)(requests * pipeline) / seconds);
    if (pipeline > 1) // what is above is per batch, but for the numbers of requests
        printf(",\"pipeline\":%zu,\"p50_ns_per_request\":%.1f,\"mean_ns_per_request\":%.1f", pipeline,
            (double)latencies[(requests + 1) / 2 - 1] / (double)pipeline, mean / (double)pipeline);
    puts("}");
    return fflush(stdout) == 0 ? 0 : 1;
}
