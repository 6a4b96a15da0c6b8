// Shared memory, protocol version 1: a Unix socket for the handshake, the door bell and the peer's death, and a sealed
// memfd of two rings of records, requests and replies. Each side keeps its positions to itself; what it reads from
// the memory is checked, as the peer may write anything there at any time.
#pragma once

#include "common.h"

#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the protocol is little-endian, and so is this code"
#endif

#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

#define RING_MAGIC_BYTES {'L', 'L', 'S', 'H', 'M', 'R', 'N', 'G'}

enum {
    RING_VERSION = 1,
    LINE_BYTES = 64, // records start at multiples of it
    HEADER_BYTES = 4096,
    RECORD_HEADER_BYTES = 8,
    RING_LEAST_BYTES = 4096,
    RING_DEFAULT_BYTES = 65536,
    RING_MOST_BYTES = 64 << 20,
};

// The commit word of a record, 0 while there is none.
#define PRESENT (1u << 31)
#define MORE (1u << 30)
#define END (1u << 29)
#define LENGTH (END - 1)

enum ring_status { RING_OK, RING_VERSION_UNKNOWN, RING_NO_MEMORY, RING_NOT_ALLOWED, RING_BAD_HELLO };

struct ring_hello {
    char magic[8];
    uint32_t version, bytes, request_bytes, reply_bytes;
    char zero[40];
};

struct ring_welcome {
    char magic[8];
    uint32_t version, status, request_bytes, reply_bytes;
    uint64_t region_bytes;
    char zero[32];
};

struct ring_control { // a line for each word, and one between for the CPUs that fetch them in pairs
    _Alignas(128) _Atomic uint64_t consumed;
    _Alignas(128) _Atomic uint32_t consumer_sleeps;
    _Alignas(128) _Atomic uint32_t producer_waits;
};

struct ring_header {
    char magic[8];
    uint32_t version, header_bytes, request_bytes, reply_bytes;
    _Alignas(1024) struct ring_control requests;
    _Alignas(1024) struct ring_control replies;
};

_Static_assert(sizeof(struct ring_hello) == 64 && sizeof(struct ring_welcome) == 64, "messages of 64 bytes");
_Static_assert(offsetof(struct ring_header, requests) == 1024 && offsetof(struct ring_header, replies) == 2048, "");
_Static_assert(sizeof(struct ring_header) <= HEADER_BYTES, "");

struct ring {
    unsigned char *start; // mapped twice in a row, so that no record has an end and a beginning
    uint64_t bytes;
    uint64_t position; // bytes produced or consumed in all
    uint64_t consumed; // by the producer: as seen last; by the consumer: as published last
    struct ring_control *control;
    int bell;
};

struct rings {
    unsigned char *start;
    size_t reserved;
    struct ring requests, replies;
};

static inline uint64_t record_bytes(uint64_t length)
{
    return (RECORD_HEADER_BYTES + length + LINE_BYTES - 1) / LINE_BYTES * LINE_BYTES;
}

// The longest payload of one record.
static inline uint64_t longest_payload(uint64_t ring_bytes)
{
    return ring_bytes / 4 - RECORD_HEADER_BYTES;
}

static inline unsigned char *at(const struct ring *ring, uint64_t position)
{
    return ring->start + (position & (ring->bytes - 1));
}

static inline _Atomic uint32_t *commit_word(const struct ring *ring, uint64_t position)
{
    return (_Atomic uint32_t *)at(ring, position);
}

// What was tried, one request at a time (120 ns, of which the clock is 25) and in batches of 64 (15 ns a request), on two
// CPUs of a virtual machine, at times when one cache line went back and forth between them in 60 ns. At other times that
// took 400 ns, as between CPUs with no cache in common, and so did everything here take four times as long.
// - Spinning with a pause: 120 instead of 150 ns, as looking less often leaves the line to the one who writes it.
//   Two pauses: 160 ns. On one side only: 130 ns.
// - The fence: 0 to 4 ns, as there is nothing to do but to wait for the peer.
// - The zero of the next record before or after the payload, or of 16 lines in advance: the same, or worse.
// - Prefetching lines ahead of a batch, below: 15 instead of 17 ns, 28 to 46 instead of 61 ns in the bad times. It does
//   nothing for one request at a time. Fewer or more lines ahead: the same, more or less.
// - Committing the first record of a batch last, so that the consumer does not run after the producer: the same.
// - Copying 56 bytes always instead of the length: 19 ns in batches. Smaller rings, -O3: the same.
enum { READ_AHEAD_BYTES = 3 * LINE_BYTES, WRITE_AHEAD_BYTES = 4 * LINE_BYTES };

static inline void prefetch_to_read(const struct ring *ring)
{
    __builtin_prefetch(at(ring, ring->position + READ_AHEAD_BYTES));
}

// gcc's own makes it a read unless told which x86-64 it is.
static inline void prefetch_to_write(const struct ring *ring)
{
    unsigned char *ahead = at(ring, ring->position + WRITE_AHEAD_BYTES);
#if defined __x86_64__
    __asm__ volatile("prefetchw %0" : : "m"(*ahead));
#else
    __builtin_prefetch(ahead, 1);
#endif
}

static inline void pause_spinning(void)
{
#if defined __x86_64__
    __builtin_ia32_pause();
#elif defined __aarch64__
    __asm__ volatile("isb"); // yield takes no time at all on most
#endif
}

static inline void ring_bell(_Atomic uint32_t *wanted, int bell)
{
    // A full socket holds bells enough; a dead peer is found by whoever looks at the socket.
    if (atomic_exchange(wanted, 0) != 0)
        (void)!send(bell, "", 1, MSG_DONTWAIT | MSG_NOSIGNAL);
}

enum room { NO_ROOM, ROOM, HOSTILE };

static inline enum room room_for(struct ring *ring, uint64_t size)
{
    uint64_t needed = ring->position + size + LINE_BYTES - ring->bytes; // consumed must have come this far
    if ((int64_t)(needed - ring->consumed) <= 0)
        return ROOM;
    uint64_t consumed = atomic_load_explicit(&ring->control->consumed, memory_order_acquire);
    if (consumed < ring->consumed || consumed > ring->position || consumed % LINE_BYTES != 0)
        return HOSTILE;
    ring->consumed = consumed;
    return (int64_t)(needed - consumed) <= 0 ? ROOM : NO_ROOM;
}

// Commits one record; there must be room for it. The zero behind it goes first, so that nothing comes between payload
// and commit word, which share a line if they are short: the consumer that looks at it would take it away.
static inline void produce(struct ring *ring, const void *payload, uint32_t length)
{
    unsigned char *record = at(ring, ring->position);
    uint64_t next = ring->position + record_bytes(length);
    atomic_store_explicit(commit_word(ring, next), 0, memory_order_relaxed);
    memcpy(record + RECORD_HEADER_BYTES, payload, length);
    memset(record + 4, 0, 4);
    atomic_store_explicit((_Atomic uint32_t *)record, PRESENT | length, memory_order_release);
    ring->position = next;
}

// After one record or many.
static inline void flush(struct ring *ring)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&ring->control->consumer_sleeps, memory_order_relaxed) != 0)
        ring_bell(&ring->control->consumer_sleeps, ring->bell);
}

// The commit word of the next record, 0 while there is none.
static inline uint32_t arrived(const struct ring *ring)
{
    return atomic_load_explicit(commit_word(ring, ring->position), memory_order_acquire);
}

static inline bool is_valid(const struct ring *ring, uint32_t word)
{
    uint32_t length = word & LENGTH;
    return (word & PRESENT) != 0 && length <= longest_payload(ring->bytes)
        && ((word & END) != 0 ? word == (PRESENT | END) : length > 0);
}

static inline const unsigned char *payload(const struct ring *ring)
{
    return at(ring, ring->position) + RECORD_HEADER_BYTES;
}

static inline bool should_publish(const struct ring *ring)
{
    return ring->position - ring->consumed >= ring->bytes / 4;
}

// Goes on to the next record; the payload of this one must have been used.
static inline void consume(struct ring *ring, uint32_t word)
{
    ring->position += record_bytes(word & LENGTH);
}

// Tells the producer what has been consumed, not for every record: each time costs both sides a line.
static inline void publish(struct ring *ring)
{
    ring->consumed = ring->position;
    atomic_store_explicit(&ring->control->consumed, ring->position, memory_order_release);
    atomic_thread_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&ring->control->producer_waits, memory_order_relaxed) != 0)
        ring_bell(&ring->control->producer_waits, ring->bell);
}

static inline bool is_ring_size(uint64_t bytes)
{
    return bytes >= RING_LEAST_BYTES && bytes <= RING_MOST_BYTES && (bytes & (bytes - 1)) == 0;
}

static inline uint64_t region_bytes(uint64_t request_bytes, uint64_t reply_bytes)
{
    return HEADER_BYTES + request_bytes + reply_bytes;
}

static inline void unmap_rings(struct rings *rings)
{
    if (rings->start != NULL)
        munmap(rings->start, rings->reserved);
    rings->start = NULL;
}

// All pages are there afterwards, or it has failed: none is left to be found missing while the rings are used.
static inline bool touch_pages(const struct rings *rings)
{
    return madvise(rings->start, rings->reserved, MADV_POPULATE_WRITE) == 0;
}

static inline bool map_rings(struct rings *rings, int memory, int bell, size_t request_bytes, size_t reply_bytes)
{
    size_t reserved = HEADER_BYTES + 2 * (request_bytes + reply_bytes);
    unsigned char *start = mmap(NULL, reserved, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (start == MAP_FAILED)
        return false;
    struct ring_header *header = (struct ring_header *)start;
    *rings = (struct rings){
        .start = start,
        .reserved = reserved,
        .requests = {.start = start + HEADER_BYTES, .bytes = request_bytes, .control = &header->requests, .bell = bell},
        .replies = {.bytes = reply_bytes, .control = &header->replies, .bell = bell},
    };
    rings->replies.start = rings->requests.start + 2 * request_bytes;
    const struct { unsigned char *where; size_t bytes; size_t offset; } pieces[] = {
        {start, HEADER_BYTES, 0},
        {rings->requests.start, request_bytes, HEADER_BYTES},
        {rings->requests.start + request_bytes, request_bytes, HEADER_BYTES},
        {rings->replies.start, reply_bytes, HEADER_BYTES + request_bytes},
        {rings->replies.start + reply_bytes, reply_bytes, HEADER_BYTES + request_bytes},
    };
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        if (mmap(pieces[i].where, pieces[i].bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, memory,
                (off_t)pieces[i].offset) == MAP_FAILED) {
            unmap_rings(rings);
            return false;
        }
    }
    if (!touch_pages(rings)) {
        unmap_rings(rings);
        return false;
    }
    return true;
}

// The rings lie behind 4096 bytes of header, and can be mapped twice only where that is whole pages.
static inline void require_small_pages(void)
{
    if (sysconf(_SC_PAGESIZE) != HEADER_BYTES)
        fail(1, "shm needs pages of %d bytes, this machine has %ld", HEADER_BYTES, sysconf(_SC_PAGESIZE));
}

static inline bool peer_is(int socket, bool root_too)
{
    struct ucred peer;
    socklen_t length = sizeof peer;
    return getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length) == 0 && length == sizeof peer
        && (peer.uid == geteuid() || (root_too && peer.uid == 0));
}

static inline bool has_seals(int memory, int seals)
{
    int present = fcntl(memory, F_GET_SEALS);
    return present >= 0 && (present & seals) == seals;
}

// Server: memory for both rings, mapped, that the client can neither shrink nor grow. -1 where there is none.
static inline int make_rings(struct rings *rings, int bell, size_t request_bytes, size_t reply_bytes)
{
    int memory = memfd_create("rings", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (memory < 0)
        return -1;
    if (ftruncate(memory, (off_t)region_bytes(request_bytes, reply_bytes)) != 0
        || fcntl(memory, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) != 0
        || !map_rings(rings, memory, bell, request_bytes, reply_bytes)) {
        close(memory);
        return -1;
    }
    *(struct ring_header *)rings->start = (struct ring_header){
        .magic = RING_MAGIC_BYTES,
        .version = RING_VERSION,
        .header_bytes = HEADER_BYTES,
        .request_bytes = (uint32_t)request_bytes,
        .reply_bytes = (uint32_t)reply_bytes,
    };
    return memory;
}

// Server, once the client has mapped: nobody can map it for writing or punch holes into it from here on, and as some may
// have been punched before, all pages are touched again.
static inline bool seal_rings(const struct rings *rings, int memory)
{
    return fcntl(memory, F_ADD_SEALS, F_SEAL_FUTURE_WRITE | F_SEAL_SEAL) == 0
        && has_seals(memory, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE | F_SEAL_SEAL)
        && touch_pages(rings);
}

union descriptor_message {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

static inline bool send_welcome(int socket, const struct ring_welcome *welcome, int memory)
{
    union descriptor_message control = {0};
    struct iovec piece = {(void *)welcome, sizeof *welcome};
    struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
    if (memory >= 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = sizeof control.bytes;
        control.header = (struct cmsghdr){CMSG_LEN(sizeof memory), SOL_SOCKET, SCM_RIGHTS};
        memcpy(CMSG_DATA(&control.header), &memory, sizeof memory);
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL) == (ssize_t)sizeof *welcome;
}

// Client: the descriptor that came along, or -1.
static inline int receive_welcome(int socket, struct ring_welcome *welcome)
{
    union descriptor_message control = {0};
    struct iovec piece = {welcome, sizeof *welcome};
    struct msghdr message = {
        .msg_iov = &piece, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof control.bytes};
    ssize_t received = recvmsg(socket, &message, MSG_WAITALL | MSG_CMSG_CLOEXEC);
    if (received < 0)
        fail(1, "cannot receive the server's welcome: %s", strerror(errno));
    if (received != sizeof *welcome || memcmp(welcome->magic, (char[])RING_MAGIC_BYTES, sizeof welcome->magic) != 0)
        fail(1, "the server's welcome is not that of shared memory");
    struct cmsghdr *first = CMSG_FIRSTHDR(&message);
    int memory = -1;
    if (first != NULL && first->cmsg_level == SOL_SOCKET && first->cmsg_type == SCM_RIGHTS
        && first->cmsg_len == CMSG_LEN(sizeof memory))
        memcpy(&memory, CMSG_DATA(first), sizeof memory);
    return memory;
}

// Client: the whole handshake on a connected blocking socket. Wanted sizes may be 0, which leaves them to the server.
static inline void join_rings(struct rings *rings, int socket, uint32_t request_bytes, uint32_t reply_bytes)
{
    static const char *const refusals[] = {
        [RING_VERSION_UNKNOWN] = "it does not know this version", [RING_NO_MEMORY] = "it has no memory for rings",
        [RING_NOT_ALLOWED] = "this user is not allowed", [RING_BAD_HELLO] = "it did not understand the hello"};
    struct ring_hello hello = {
        .magic = RING_MAGIC_BYTES, .version = RING_VERSION, .bytes = sizeof hello,
        .request_bytes = request_bytes, .reply_bytes = reply_bytes};
    struct ring_welcome welcome;
    require_small_pages();
    if (send(socket, &hello, sizeof hello, MSG_NOSIGNAL) != sizeof hello)
        fail(1, "cannot send the hello: %s", strerror(errno));
    int memory = receive_welcome(socket, &welcome);
    if (welcome.status != RING_OK)
        fail(1, "the server refused: %s",
            welcome.status < sizeof refusals / sizeof *refusals ? refusals[welcome.status] : "its reason is unknown");
    int64_t bytes = memory < 0 ? -1 : lseek(memory, 0, SEEK_END);
    if (welcome.version != RING_VERSION || !is_ring_size(welcome.request_bytes) || !is_ring_size(welcome.reply_bytes)
        || welcome.region_bytes != region_bytes(welcome.request_bytes, welcome.reply_bytes)
        || bytes != (int64_t)welcome.region_bytes || !has_seals(memory, F_SEAL_SHRINK | F_SEAL_GROW))
        fail(1, "the server's memory is not what its welcome says, or not sealed");
    if (!peer_is(socket, true))
        fail(1, "the server belongs to another user");
    if (!map_rings(rings, memory, socket, welcome.request_bytes, welcome.reply_bytes))
        fail(1, "cannot map the rings: %s", strerror(errno));
    close(memory);
    char go;
    if (send(socket, "M", 1, MSG_NOSIGNAL) != 1 || recv(socket, &go, 1, 0) != 1 || go != 'G')
        fail(1, "the server did not let the rings be used");
}
