// Attacks by what is written to the rings, and by what is not.
#include "attacker.h"

#include <pthread.h>

static void ring_the_bell(const struct rings *rings)
{
    (void)!send(rings->requests.bell, "B", 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static bool has_ended(const struct rings *rings)
{
    char bells[256];
    ssize_t count = recv(rings->requests.bell, bells, sizeof bells, MSG_DONTWAIT);
    return count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR);
}

// A commit word that is none; behind a record that says MORE, if so asked.
static void word(char **arguments)
{
    struct rings rings;
    join(&rings);
    ask(&rings, 100);
    if (arguments[1] != NULL)
        send_message(&rings, (const unsigned char *)"beginning", 9, true);
    atomic_store(commit_word(&rings.requests, rings.requests.position), (uint32_t)strtoul(arguments[0], NULL, 16));
    ring_the_bell(&rings);
    wait_for_end(rings.requests.bell);
}

// A number of consumed bytes that is not possible, from which the server would take room that is not there.
static void consumed(char **arguments)
{
    struct rings rings;
    join(&rings);
    for (int i = 0; i < 500; i++)
        ask(&rings, 1000);
    uint64_t position = rings.replies.position, value = strtoull(arguments[1], NULL, 0);
    if (strcmp(arguments[0], "back") == 0)
        value = rings.replies.consumed - value;
    else if (strcmp(arguments[0], "ahead") == 0)
        value = position + (64 << 20) + value;
    _Atomic uint64_t *word = &rings.replies.control->consumed;
    atomic_store(word, value);
    static const unsigned char bytes[1000];
    while (!has_ended(&rings)) {
        if (room_for(&rings.requests, record_bytes(sizeof bytes)) == ROOM)
            send_message(&rings, bytes, sizeof bytes, false);
        else
            usleep(100); // its end is under way
    }
    say("ended");
}

static uint32_t random_length(const struct ring *ring)
{
    return 1 + (uint32_t)(next_random() % longest_payload(ring->bytes));
}

// Everything anywhere; what could be records everywhere; flags and counts.
enum temper { WILD, RECORDS, CONTROL, TEMPERS };

static void write_something(struct rings *rings, enum temper temper)
{
    uint64_t random = next_random();
    struct ring *ring = random & 1 ? &rings->requests : &rings->replies;
    if (temper == WILD) {
        size_t words = (HEADER_BYTES + 2 * (rings->requests.bytes + rings->replies.bytes)) / 4;
        _Atomic uint32_t *word = (_Atomic uint32_t *)rings->start + (random >> 8) % words;
        atomic_store_explicit(word, (uint32_t)next_random(), memory_order_relaxed);
    } else if (temper == RECORDS) {
        ring = &rings->requests;
        _Atomic uint32_t *word = commit_word(ring, (random >> 8) % (ring->bytes / LINE_BYTES) * LINE_BYTES);
        atomic_store_explicit(word, PRESENT | (random & 2 ? MORE : 0) | random_length(ring), memory_order_relaxed);
    } else if (random & 2) {
        _Atomic uint32_t *flag = random & 4 ? &ring->control->consumer_sleeps : &ring->control->producer_waits;
        atomic_store_explicit(flag, (uint32_t)(random >> 8), memory_order_relaxed);
    } else {
        atomic_store_explicit(&ring->control->consumed, (random >> 8) % (1 << 20) * (random & 8 ? 1 : LINE_BYTES), memory_order_relaxed);
    }
}

// So many writes, while the server reads; whenever it has had enough, anew.
static void storm(char **arguments)
{
    enum { AT_ONCE = 256, WRITES_A_CONNECTION = 65536 };
    static const unsigned char request[64];
    unsigned long left = strtoul(arguments[0], NULL, 0), connections = 0, ended = 0;
    while (left > 0) {
        struct rings rings;
        join(&rings);
        connections++;
        for (unsigned long writes = 0; writes < WRITES_A_CONNECTION && left > 0; writes += AT_ONCE) {
            for (int i = 0; i < AT_ONCE && left > 0; i++, left--)
                write_something(&rings, connections % TEMPERS);
            if (room_for(&rings.requests, record_bytes(sizeof request)) == ROOM)
                send_message(&rings, request, sizeof request, false);
            uint32_t reply = arrived(&rings.replies);
            if (reply != 0 && is_valid(&rings.replies, reply & ~MORE)) {
                consume(&rings.replies, reply);
                if (connections % TEMPERS == RECORDS)
                    publish(&rings.replies);
            }
            ring_the_bell(&rings);
            sched_yield();
            if (has_ended(&rings)) {
                ended++;
                break;
            }
        }
        leave(&rings);
    }
    say("%lu connections, %lu ended by the server", connections, ended);
}

static atomic_bool flipping = true;

static void *flip_flags(void *argument)
{
    struct rings *rings = argument;
    while (flipping) {
        for (uint32_t value = 0; value < 2; value++) {
            // The server sleeps over the one and waits by the other: those can only be set, or it would be its sleep that is lost.
            atomic_store(&rings->replies.control->consumer_sleeps, value);
            atomic_store(&rings->requests.control->producer_waits, value);
            atomic_store(&rings->replies.control->producer_waits, 1);
            atomic_store(&rings->requests.control->consumer_sleeps, 1);
        }
        sched_yield();
    }
    return NULL;
}

// Everything else is as it should be, and so are the answers; this side spins, for its own flags are worth nothing.
static void flip(char **arguments)
{
    struct rings rings;
    pthread_t thread;
    join(&rings);
    if (pthread_create(&thread, NULL, flip_flags, &rings) != 0)
        fail(1, "no thread");
    for (unsigned long i = strtoul(arguments[0], NULL, 0); i > 0; i--) {
        unsigned char bytes[512];
        memset(bytes, (int)i, sizeof bytes);
        send_message(&rings, bytes, sizeof bytes, false);
        while (arrived(&rings.replies) == 0) {
            if (has_ended(&rings))
                fail(1, "the server hung up");
            sched_yield();
        }
        if (!take_reply(&rings, bytes, sizeof bytes))
            fail(1, "the server hung up");
    }
    flipping = false;
    pthread_join(thread, NULL);
    say("served");
    wait_for_word();
}

// What could be records all around the ring, for whoever reads on and on.
static void circle(char **arguments)
{
    (void)arguments;
    struct rings rings;
    join(&rings);
    for (uint64_t line = LINE_BYTES; line < rings.requests.bytes; line += LINE_BYTES)
        atomic_store(commit_word(&rings.requests, line), PRESENT | 1);
    atomic_store(commit_word(&rings.requests, 0), PRESENT | 1);
    raise(SIGKILL);
}

// Is killed where it says that it is.
static void die(char **arguments)
{
    struct rings rings;
    join(&rings);
    ask(&rings, 100);
    if (strcmp(arguments[0], "between") == 0) {
        memset(at(&rings.requests, rings.requests.position) + RECORD_HEADER_BYTES, 'x', 1000);
        raise(SIGKILL);
    } else if (strcmp(arguments[0], "half") == 0) {
        static const unsigned char bytes[10000];
        send_message(&rings, bytes, sizeof bytes, true);
        raise(SIGKILL);
    }
    static const unsigned char bytes[1];
    say("asleep");
    take_reply(&rings, bytes, sizeof bytes);
}

// A message in two halves; what happens to this process in between is up to the test.
static void halves(char **arguments)
{
    (void)arguments;
    struct rings rings;
    static unsigned char bytes[30000];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)next_random();
    join(&rings);
    ask(&rings, 100);
    send_message(&rings, bytes, sizeof bytes / 2, true);
    say("half");
    wait_for_word();
    send_message(&rings, bytes + sizeof bytes / 2, sizeof bytes / 2, false);
    if (!take_reply(&rings, bytes, sizeof bytes))
        fail(1, "the server hung up");
    say("whole");
    wait_for_word();
}

static void greedy(char **arguments)
{
    (void)arguments;
    struct rings rings;
    static const unsigned char bytes[1000];
    join(&rings);
    for (int patience = 0; patience < 100;) {
        if (room_for(&rings.requests, record_bytes(sizeof bytes)) == ROOM) {
            send_message(&rings, bytes, sizeof bytes, false);
            patience = 0;
        } else {
            usleep(1000);
            patience++;
        }
    }
    say("full");
    wait_for_word();
}

static void bells(char **arguments)
{
    (void)arguments;
    struct rings rings;
    char many[4096];
    memset(many, 'B', sizeof many);
    join(&rings);
    ask(&rings, 100);
    say("ringing");
    for (struct pollfd input = {.fd = 0, .events = POLLIN}; poll(&input, 1, 0) == 0;) {
        for (int i = 0; i < 1000; i++)
            (void)!send(rings.requests.bell, many, sizeof many, MSG_NOSIGNAL | MSG_DONTWAIT);
    }
}

// Its end comes while bells are still to be taken in.
static void bells_and_end(char **arguments)
{
    char many[65536];
    memset(many, 'B', sizeof many);
    for (unsigned long i = strtoul(arguments[0], NULL, 0); i > 0; i--) {
        struct rings rings;
        join(&rings);
        (void)!send(rings.requests.bell, many, sizeof many, MSG_NOSIGNAL | MSG_DONTWAIT);
        atomic_store(commit_word(&rings.requests, 0), 1);
        (void)!send(rings.requests.bell, many, sizeof many, MSG_NOSIGNAL | MSG_DONTWAIT);
        while (!has_ended(&rings))
            (void)!send(rings.requests.bell, many, 1024, MSG_NOSIGNAL | MSG_DONTWAIT);
        leave(&rings);
    }
    say("done");
}

static void cycles(char **arguments)
{
    for (unsigned long i = strtoul(arguments[0], NULL, 0); i > 0; i--) {
        struct rings rings;
        join(&rings);
        ask(&rings, 100);
        leave(&rings);
    }
    say("done");
}

const struct attack ring_attacks[] = {
    {"word", word}, {"consumed", consumed}, {"storm", storm}, {"flip", flip}, {"circle", circle}, {"die", die}, {"halves", halves},
    {"greedy", greedy}, {"bells", bells}, {"bells-and-end", bells_and_end}, {"cycles", cycles}, {0},
};
