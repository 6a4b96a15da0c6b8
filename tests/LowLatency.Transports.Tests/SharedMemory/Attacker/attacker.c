// A client of the shared-memory transport that does not keep to its protocol: attacker SOCKET ATTACK [ARGUMENT...]
#include "attacker.h"

static const char *path;

void say(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vprintf(format, arguments);
    va_end(arguments);
    putchar('\n');
    fflush(stdout);
}

void wait_for_word(void)
{
    char word[64];
    if (fgets(word, sizeof word, stdin) == NULL)
        exit(0);
}

uint64_t next_random(void)
{
    static uint64_t state = 88172645463325252u;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

int connect_to_server(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connection < 0 || connect(connection, (struct sockaddr *)&address, sizeof address) != 0)
        fail(1, "cannot connect: %s", strerror(errno));
    return connection;
}

struct ring_hello good_hello(void)
{
    return (struct ring_hello){.magic = RING_MAGIC_BYTES, .version = RING_VERSION, .bytes = sizeof(struct ring_hello)};
}

void send_all(int socket, const void *bytes, size_t length)
{
    if (send(socket, bytes, length, MSG_NOSIGNAL) != (ssize_t)length)
        fail(1, "cannot send: %s", strerror(errno));
}

int map_welcome(struct rings *rings, int socket)
{
    struct ring_welcome welcome;
    int memory = receive_welcome(socket, &welcome);
    if (welcome.status != RING_OK || memory < 0)
        fail(1, "refused with status %u", welcome.status);
    if (!map_rings(rings, memory, socket, welcome.request_bytes, welcome.reply_bytes))
        fail(1, "cannot map the rings: %s", strerror(errno));
    return memory;
}

bool say_mapped(int socket)
{
    char go;
    send_all(socket, "M", 1);
    return recv(socket, &go, 1, 0) == 1 && go == 'G';
}

void join(struct rings *rings)
{
    join_rings(rings, connect_to_server(), 0, 0);
}

void leave(struct rings *rings)
{
    close(rings->requests.bell);
    unmap_rings(rings);
}

// Sleeps until there is a bell. False: the server has hung up.
static bool take_bells(int socket)
{
    char bells[256];
    ssize_t count;
    while ((count = recv(socket, bells, sizeof bells, 0)) < 0 && errno == EINTR)
        ;
    return count > 0;
}

void wait_for_end(int socket)
{
    while (take_bells(socket))
        ;
    say("ended");
}

static bool wait_for_room(struct ring *ring, uint64_t size)
{
    while (room_for(ring, size) == NO_ROOM) {
        atomic_store(&ring->control->producer_waits, 1);
        atomic_thread_fence(memory_order_seq_cst);
        if (room_for(ring, size) == NO_ROOM && !take_bells(ring->bell))
            return false;
    }
    return true;
}

void send_message(struct rings *rings, const unsigned char *bytes, size_t length, bool goes_on)
{
    struct ring *ring = &rings->requests;
    while (length > 0) {
        size_t piece = length < longest_payload(ring->bytes) ? length : longest_payload(ring->bytes);
        if (!wait_for_room(ring, record_bytes(piece)))
            return;
        uint32_t more = goes_on || piece < length ? MORE : 0;
        unsigned char *record = at(ring, ring->position);
        uint64_t next = ring->position + record_bytes(piece);
        atomic_store_explicit((_Atomic uint64_t *)at(ring, next), 0, memory_order_relaxed);
        memcpy(record + RECORD_HEADER_BYTES, bytes, piece);
        atomic_store_explicit((_Atomic uint32_t *)record, PRESENT | more | (uint32_t)piece, memory_order_release);
        ring->position = next;
        bytes += piece;
        length -= piece;
    }
    flush(ring);
}

bool take_reply(struct rings *rings, const unsigned char *bytes, size_t length)
{
    struct ring *ring = &rings->replies;
    for (size_t taken = 0; taken < length;) {
        uint32_t word = arrived(ring);
        if (word == 0) {
            publish(ring);
            atomic_store(&ring->control->consumer_sleeps, 1);
            atomic_thread_fence(memory_order_seq_cst);
            if (arrived(ring) == 0 && !take_bells(ring->bell) && arrived(ring) == 0)
                return false;
            continue;
        }
        size_t piece = word & LENGTH;
        static const char zero[RECORD_HEADER_BYTES / 2];
        if (memcmp(payload(ring) - sizeof zero, zero, sizeof zero) != 0)
            fail(1, "the word behind the commit word is not zero");
        if (piece == 0 || piece > length - taken || memcmp(payload(ring), bytes + taken, piece) != 0)
            fail(1, "the reply is not the request, or too long: %08x after %zu of %zu bytes", word, taken, length);
        taken += piece;
        if (((word & MORE) != 0) != (taken < length))
            fail(1, "the reply's boundary is lost");
        consume(ring, word);
        if (should_publish(ring))
            publish(ring);
    }
    return true;
}

void ask(struct rings *rings, size_t length)
{
    unsigned char bytes[32768];
    for (size_t i = 0; i < length; i++)
        bytes[i] = (unsigned char)next_random();
    send_message(rings, bytes, length, false);
    if (!take_reply(rings, bytes, length))
        fail(1, "the server hung up");
}

static void run(const char *name, const struct attack *attacks, char **arguments)
{
    for (const struct attack *attack = attacks; attack->name != NULL; attack++) {
        if (strcmp(attack->name, name) == 0) {
            attack->run(arguments);
            exit(0);
        }
    }
}

int main(int argc, char **argv)
{
    if (argc < 3)
        fail(EXIT_USAGE, "usage: attacker SOCKET ATTACK [ARGUMENT...]");
    signal(SIGPIPE, SIG_IGN);
    path = argv[1];
    run(argv[2], handshake_attacks, argv + 3);
    run(argv[2], memory_attacks, argv + 3);
    run(argv[2], ring_attacks, argv + 3);
    fail(EXIT_USAGE, "there is no attack '%s'", argv[2]);
}
