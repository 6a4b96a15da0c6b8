// refserver: answers every arrival (what one recv brings) by the same reply, in the least time C can do it.
#include "common.h"
#include "ring.h"

#include <getopt.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>

enum {
    BACKLOG = 4096,
    MESSAGE_BYTES = 65536,
    MAX_CONNECTIONS = 65536,
    READY_AT_ONCE = 1024,
    RECEIVES_PER_LOOK = 128, // fruitless receives after which the spinning server looks for a new connection
    MAX_RING_CONNECTIONS = 512,
    MAX_RING_BYTES = 4 * MESSAGE_BYTES, // a record of it fits the buffer
    RINGS_PER_LOOK = 16384, // rings looked at between two looks at the sockets: it costs 0.3 ns per request
};

enum outcome { NOTHING, ANSWERED, BLOCKED, ENDED };

struct connection {
    int socket;
    uint32_t unsent; // bytes of the last reply that the socket did not take; none are received until it has
};

static const char usage[] =
    "usage: refserver --listen tcp://127.0.0.1:PORT|unix:///PATH|shm:///PATH --style block|spin|epoll|epoll-block"
    " (shm: spin) [--cpu N] [--reply TEXT] [--until-stdin-closes]";
static struct target target;
static const char *reply = "respuesta";
static size_t reply_length;
static const char *volatile path_to_remove;
static volatile pid_t watcher;

// Stopping happens in the signal handler, so that no loop has to look at a flag.
static void stop(int signal)
{
    (void)signal;
    if (path_to_remove != NULL)
        unlink(path_to_remove);
    if (watcher > 0) { // not left to be reaped by an init that may not do so
        kill(watcher, SIGKILL);
        waitpid(watcher, NULL, 0);
    }
    _exit(0);
}

// A child process waits for the end of stdin: a second thread here would make every system call of the
// server's one thread count references on its descriptors, a signal timer would interrupt it.
static void stop_when_stdin_closes(void)
{
    pid_t server = getpid();
    pid_t child = fork();
    if (child < 0)
        fail(1, "fork: %s", strerror(errno));
    watcher = child;
    if (child > 0)
        return;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    close(STDOUT_FILENO);
    char ignored[256];
    ssize_t received;
    do
        received = read(STDIN_FILENO, ignored, sizeof ignored);
    while (received > 0 || (received < 0 && errno == EINTR));
    if (getppid() == server)
        kill(server, SIGTERM);
    _exit(0);
}

static bool is_stale(const char *path)
{
    struct stat status;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    bool stale = lstat(path, &status) == 0 && S_ISSOCK(status.st_mode)
        && connect(probe, &target.address.any, target.length) != 0 && errno == ECONNREFUSED;
    close(probe);
    return stale;
}

static int listen_on_target(const char *url, int flags)
{
    int on = 1;
    int listener = socket(target.address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);
    if (listener < 0)
        fail(1, "socket: %s", strerror(errno));
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    send_at_once(listener, &target); // accepted sockets inherit it: one system call less for each
    bool local = target.address.any.sa_family == AF_UNIX;
    int error = bind(listener, &target.address.any, target.length) == 0 ? 0 : errno;
    if (error == EADDRINUSE && local && is_stale(target.address.local.sun_path)) {
        unlink(target.address.local.sun_path);
        error = bind(listener, &target.address.any, target.length) == 0 ? 0 : errno;
    }
    if (error != 0)
        fail(1, "cannot listen on %s: %s", url, strerror(error));
    if (local)
        path_to_remove = target.address.local.sun_path;
    if (listen(listener, BACKLOG) != 0)
        fail(1, "cannot listen on %s: %s", url, strerror(errno));
    return listener;
}

// Returns a connected socket, or -1 where there is none now and it is worth asking again.
static int accept_one(int listener, int flags)
{
    int socket = accept4(listener, NULL, NULL, SOCK_CLOEXEC | flags);
    if (socket >= 0)
        return socket;
    switch (errno) {
    case EAGAIN:
        return -1;
    case EBADF:
    case EFAULT:
    case EINVAL:
    case ENOTSOCK:
    case EOPNOTSUPP:
        fail(1, "accept: %s", strerror(errno));
    case EMFILE:
    case ENFILE:
    case ENOBUFS:
    case ENOMEM:
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL); // no figure taken now means anything: be gentle
        return -1;
    default: // a connection that died in the queue, EINTR
        return -1;
    }
}

// Sends what is left of the reply.
static enum outcome send_rest(struct connection *connection)
{
    while (connection->unsent > 0) {
        ssize_t sent = send(connection->socket, reply + reply_length - connection->unsent, connection->unsent, MSG_NOSIGNAL);
        if (sent >= 0)
            connection->unsent -= (uint32_t)sent;
        else if (errno == EAGAIN)
            return BLOCKED;
        else if (errno != EINTR)
            return ENDED;
    }
    return ANSWERED;
}

// Receives once and answers. On a blocking socket it waits, on a non-blocking one it does not.
static enum outcome serve(struct connection *connection, char *buffer)
{
    if (connection->unsent == 0) {
        ssize_t received = recv(connection->socket, buffer, MESSAGE_BYTES, 0);
        if (received < 0)
            return errno == EAGAIN || errno == EINTR ? NOTHING : ENDED;
        if (received == 0)
            return ENDED;
        connection->unsent = (uint32_t)reply_length;
    }
    return send_rest(connection);
}

static void *serve_blocking(void *argument)
{
    char buffer[MESSAGE_BYTES];
    struct connection connection = {.socket = (int)(intptr_t)argument};
    while (serve(&connection, buffer) != ENDED)
        ;
    close(connection.socket);
    return NULL;
}

static void run_block(int listener)
{
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, MESSAGE_BYTES + 65536);
    for (;;) {
        pthread_t thread;
        int socket = accept_one(listener, 0);
        if (socket >= 0 && pthread_create(&thread, &attributes, serve_blocking, (void *)(intptr_t)socket) != 0)
            close(socket);
    }
}

// An accept that finds nothing makes and drops a socket, which costs more than a fruitless receive and disturbs what
// follows; poll only looks. Right after a reply looking costs no latency, as the peer is busy reading it.
static void run_spin(int listener)
{
    static struct connection connections[MAX_CONNECTIONS];
    static char buffer[MESSAGE_BYTES];
    struct pollfd arrival = {.fd = listener, .events = POLLIN};
    size_t count = 0;
    size_t fruitless = 0;
    for (;;) {
        bool answered = false;
        for (size_t i = 0; i < count;) {
            enum outcome outcome = serve(&connections[i], buffer);
            if (outcome == ENDED) {
                close(connections[i].socket);
                connections[i] = connections[--count];
                continue;
            }
            answered |= outcome == ANSWERED;
            i++;
        }
        fruitless += count;
        if (count == MAX_CONNECTIONS || (count > 0 && !answered && fruitless < RECEIVES_PER_LOOK))
            continue;
        fruitless = 0;
        if (poll(&arrival, 1, 0) <= 0)
            continue;
        int socket = accept_one(listener, SOCK_NONBLOCK);
        if (socket >= 0)
            connections[count++] = (struct connection){.socket = socket};
    }
}

// The state of a connection travels in its epoll data, so there is no table and no limit but that of descriptors.
static bool watch(int epoll, int operation, struct connection connection)
{
    struct epoll_event event = {
        .events = connection.unsent > 0 ? EPOLLOUT : EPOLLIN,
        .data.u64 = (uint32_t)connection.socket | (uint64_t)connection.unsent << 32,
    };
    return epoll_ctl(epoll, operation, connection.socket, &event) == 0;
}

static void run_epoll(int listener, int timeout)
{
    static struct epoll_event events[READY_AT_ONCE];
    static char buffer[MESSAGE_BYTES];
    int epoll = epoll_create1(EPOLL_CLOEXEC);
    if (epoll < 0 || !watch(epoll, EPOLL_CTL_ADD, (struct connection){.socket = listener}))
        fail(1, "epoll: %s", strerror(errno));
    for (;;) {
        int count = epoll_wait(epoll, events, READY_AT_ONCE, timeout);
        for (int i = 0; i < count; i++) {
            struct connection connection = {
                .socket = (int)(uint32_t)events[i].data.u64,
                .unsent = (uint32_t)(events[i].data.u64 >> 32),
            };
            if (connection.socket == listener) {
                int socket = accept_one(listener, SOCK_NONBLOCK);
                if (socket >= 0 && !watch(epoll, EPOLL_CTL_ADD, (struct connection){.socket = socket}))
                    close(socket);
                continue;
            }
            uint32_t unsent_before = connection.unsent;
            enum outcome outcome = serve(&connection, buffer);
            if (outcome == ENDED
                || (connection.unsent != unsent_before && !watch(epoll, EPOLL_CTL_MOD, connection)))
                close(connection.socket);
        }
    }
}

enum stage { HELLO, MAPPING, USING };

struct ring_connection {
    struct rings rings;
    int socket;
    int memory; // until the rings are used
    enum stage stage;
    uint32_t hello_received;
    struct ring_hello hello;
};

// A power of two that is at least what is wanted and has room for a record of this payload.
static uint32_t choose_ring_bytes(uint32_t wanted, size_t length)
{
    uint32_t bytes = wanted == 0 ? RING_DEFAULT_BYTES : RING_LEAST_BYTES;
    while (bytes < MAX_RING_BYTES && (bytes < wanted || longest_payload(bytes) < length))
        bytes *= 2;
    return bytes;
}

static bool welcome(struct ring_connection *connection)
{
    static const struct ring_hello expected = {.magic = RING_MAGIC_BYTES, .version = RING_VERSION, .bytes = sizeof expected};
    struct ring_hello *hello = &connection->hello;
    struct ring_welcome welcome = {.magic = RING_MAGIC_BYTES, .version = RING_VERSION};
    bool magic = memcmp(hello->magic, expected.magic, sizeof expected.magic) == 0;
    if (magic && hello->version != expected.version)
        welcome.status = RING_VERSION_UNKNOWN;
    else if (!magic || hello->bytes != expected.bytes || memcmp(hello->zero, expected.zero, sizeof expected.zero) != 0)
        welcome.status = RING_BAD_HELLO;
    else if (!peer_is(connection->socket, false))
        welcome.status = RING_NOT_ALLOWED;
    else {
        welcome.request_bytes = choose_ring_bytes(hello->request_bytes, 0);
        welcome.reply_bytes = choose_ring_bytes(hello->reply_bytes, reply_length);
        welcome.region_bytes = region_bytes(welcome.request_bytes, welcome.reply_bytes);
        connection->memory = make_rings(
            &connection->rings, connection->socket, welcome.request_bytes, welcome.reply_bytes);
        if (connection->memory < 0)
            welcome = (struct ring_welcome){.magic = RING_MAGIC_BYTES, .version = RING_VERSION, .status = RING_NO_MEMORY};
    }
    connection->stage = MAPPING;
    return send_welcome(connection->socket, &welcome, connection->memory) && welcome.status == RING_OK;
}

// Takes what is in the control socket: the handshake, then bells, which say nothing to one who looks anyway.
static enum outcome attend(struct ring_connection *connection)
{
    char bells[64];
    bool hello = connection->stage == HELLO;
    ssize_t received = recv(connection->socket,
        hello ? (char *)&connection->hello + connection->hello_received : bells,
        hello ? sizeof connection->hello - connection->hello_received : connection->stage == MAPPING ? 1 : sizeof bells, 0);
    if (received < 0)
        return errno == EAGAIN || errno == EINTR ? NOTHING : ENDED;
    if (received == 0)
        return ENDED;
    switch (connection->stage) {
    case HELLO:
        connection->hello_received += (uint32_t)received;
        return connection->hello_received < sizeof connection->hello || welcome(connection) ? NOTHING : ENDED;
    case MAPPING:
        if (bells[0] != 'M' || !seal_rings(&connection->rings, connection->memory))
            return ENDED;
        close(connection->memory);
        connection->memory = -1;
        connection->stage = USING;
        return send(connection->socket, "G", 1, MSG_NOSIGNAL) == 1 ? NOTHING : ENDED;
    default:
        return NOTHING;
    }
}

// Answers the records that are there, with one fence for all replies, and at most a quarter of the ring in one go.
static enum outcome serve_rings(struct rings *rings, char *buffer)
{
    struct ring *requests = &rings->requests, *replies = &rings->replies;
    uint32_t word = arrived(requests);
    if (word == 0)
        return NOTHING;
    uint64_t reply_bytes = record_bytes(reply_length);
    bool answered = false;
    do {
        if (!is_valid(requests, word) || (word & END) != 0)
            return ENDED;
        enum room room = room_for(replies, reply_bytes);
        if (room == HOSTILE)
            return ENDED;
        if (room == NO_ROOM)
            break;
        if (answered) { // a batch
            prefetch_to_read(requests);
            prefetch_to_write(replies);
        }
        memcpy(buffer, payload(requests), word & LENGTH);
        consume(requests, word);
        if ((word & MORE) == 0) { // else the message goes on
            produce(replies, reply, (uint32_t)reply_length);
            answered = true;
        }
    } while (!should_publish(requests) && (word = arrived(requests)) != 0);
    if (answered)
        flush(replies);
    if (should_publish(requests))
        publish(requests);
    return answered ? ANSWERED : NOTHING;
}

static void end_rings(struct ring_connection *connection)
{
    unmap_rings(&connection->rings);
    if (connection->memory >= 0)
        close(connection->memory);
    close(connection->socket);
}

// The sockets bring nothing that a request waits for, and looking at them costs as much as several requests do.
static size_t look_at_sockets(int listener, struct ring_connection *connections, size_t count)
{
    static struct pollfd arrivals[MAX_RING_CONNECTIONS + 1];
    for (size_t i = 0; i < count; i++)
        arrivals[i] = (struct pollfd){.fd = connections[i].socket, .events = POLLIN};
    arrivals[count] = (struct pollfd){.fd = listener, .events = POLLIN};
    if (poll(arrivals, count + (count < MAX_RING_CONNECTIONS), 0) <= 0)
        return count;
    bool accepting = count < MAX_RING_CONNECTIONS && arrivals[count].revents != 0;
    for (size_t i = count; i-- > 0;) { // the last one, which takes the place of an ended one, has been looked at
        if (arrivals[i].revents != 0 && attend(&connections[i]) == ENDED) {
            end_rings(&connections[i]);
            connections[i] = connections[--count];
        }
    }
    int socket = accepting ? accept_one(listener, SOCK_NONBLOCK) : -1;
    if (socket >= 0)
        connections[count++] = (struct ring_connection){.socket = socket, .memory = -1};
    return count;
}

static void run_rings(int listener)
{
    static struct ring_connection connections[MAX_RING_CONNECTIONS];
    static char buffer[MESSAGE_BYTES];
    size_t count = 0;
    for (;;) {
        size_t using = 0;
        for (size_t looks = 0; looks < RINGS_PER_LOOK; looks += using) {
            bool answered = false;
            using = 0;
            for (size_t i = 0; i < count; i++) {
                if (connections[i].stage != USING)
                    continue;
                enum outcome outcome = serve_rings(&connections[i].rings, buffer);
                if (outcome == ENDED) {
                    end_rings(&connections[i]);
                    connections[i--] = connections[--count];
                    continue;
                }
                answered |= outcome == ANSWERED;
                using++;
            }
            if (using == 0)
                break;
            if (!answered)
                pause_spinning();
        }
        count = look_at_sockets(listener, connections, count);
    }
}

int main(int argc, char **argv)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},
        {"style", required_argument, NULL, 's'},
        {"cpu", required_argument, NULL, 'c'},
        {"reply", required_argument, NULL, 'r'},
        {"until-stdin-closes", no_argument, NULL, 'u'},
        {NULL, 0, NULL, 0},
    };
    const char *url = NULL, *style = NULL;
    long cpu = -1;
    bool until_stdin_closes = false;
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (option) {
        case 'l': url = optarg; break;
        case 's': style = optarg; break;
        case 'c': cpu = (long)parse_number("--cpu", optarg, 0, CPU_SETSIZE - 1); break;
        case 'r': reply = optarg; break;
        case 'u': until_stdin_closes = true; break;
        default: return EXIT_USAGE; // getopt_long has said what is wrong
        }
    }
    if (optind < argc || url == NULL || style == NULL)
        fail(EXIT_USAGE, "%s", usage);
    bool block = strcmp(style, "block") == 0, spin = strcmp(style, "spin") == 0;
    bool epoll = strcmp(style, "epoll") == 0, epoll_block = strcmp(style, "epoll-block") == 0;
    if (!block && !spin && !epoll && !epoll_block)
        fail(EXIT_USAGE, "--style: '%s' is none of block, spin, epoll, epoll-block", style);
    reply_length = strlen(reply);
    if (reply_length == 0)
        fail(EXIT_USAGE, "--reply: an empty reply cannot be seen by anyone");
    target = parse_target(url);
    if (target.shared_memory && !spin)
        fail(EXIT_USAGE, "--style: shared memory is served by spin only");
    if (target.shared_memory && reply_length > longest_payload(MAX_RING_BYTES))
        fail(EXIT_USAGE, "--reply: does not fit a record of %lu bytes", (unsigned long)longest_payload(MAX_RING_BYTES));
    if (target.shared_memory)
        require_small_pages();

    if (until_stdin_closes)
        stop_when_stdin_closes();
    if (cpu >= 0)
        pin((unsigned long)cpu);
    struct rlimit descriptors;
    if (getrlimit(RLIMIT_NOFILE, &descriptors) == 0) {
        descriptors.rlim_cur = descriptors.rlim_max;
        setrlimit(RLIMIT_NOFILE, &descriptors);
    }
    struct sigaction action = {.sa_handler = stop};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);

    int listener = listen_on_target(url, block ? 0 : SOCK_NONBLOCK);
    puts("ready");
    fflush(stdout);
    if (block)
        run_block(listener);
    else if (target.shared_memory)
        run_rings(listener);
    else if (spin)
        run_spin(listener);
    else
        run_epoll(listener, epoll ? 0 : -1);
}
