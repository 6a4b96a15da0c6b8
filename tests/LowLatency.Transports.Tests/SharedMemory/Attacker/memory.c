// Attacks on the memory itself, which the server must not be able to lose.
#include "attacker.h"

static void report(const char *name, bool succeeded)
{
    say("%s %s", name, succeeded ? "was possible" : errno == EPERM ? "refused" : strerror(errno));
}

static void try_to_map(const char *name, int memory, size_t bytes)
{
    void *mapping = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    report(name, mapping != MAP_FAILED);
}

static void tamper(char **arguments)
{
    (void)arguments;
    struct rings rings;
    struct ring_hello hello = good_hello();
    int socket = connect_to_server();
    send_all(socket, &hello, sizeof hello);
    int memory = map_welcome(&rings, socket);
    if (!say_mapped(socket))
        fail(1, "not attached");
    size_t bytes = region_bytes(rings.requests.bytes, rings.replies.bytes);
    report("shrink", ftruncate(memory, 4096) == 0);
    report("grow", ftruncate(memory, (off_t)bytes * 2) == 0);
    report("punch", fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) == 0);
    report("punch-by-mapping", madvise(rings.requests.start, rings.requests.bytes, MADV_REMOVE) == 0);
    report("write", pwrite(memory, "x", 1, 4096) == 1);
    try_to_map("map", memory, bytes);
    char again[64];
    snprintf(again, sizeof again, "/proc/self/fd/%d", memory);
    int reopened = open(again, O_RDWR | O_CLOEXEC);
    if (reopened < 0)
        report("map-reopened", false);
    else
        try_to_map("map-reopened", reopened, bytes);
    void *read_only = mmap(NULL, bytes, PROT_READ, MAP_SHARED, memory, 0);
    report("make-writable", mprotect(read_only, bytes, PROT_READ | PROT_WRITE) == 0 || (errno = errno == EACCES ? EPERM : errno, false));
    report("seal", fcntl(memory, F_ADD_SEALS, F_SEAL_WRITE) == 0);
    ask(&rings, 20000);
    say("served");
    wait_for_word();
}

// Before 'M': takes the last seals away from the server by adding one of its own.
static void seal_first(char **arguments)
{
    (void)arguments;
    struct rings rings;
    struct ring_hello hello = good_hello();
    int socket = connect_to_server();
    send_all(socket, &hello, sizeof hello);
    int memory = map_welcome(&rings, socket);
    if (fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL) != 0)
        fail(1, "cannot seal");
    send_all(socket, "M", 1);
    wait_for_end(socket);
}

// Before 'M': the pages that the server has made sure of are gone.
static void punch_first(char **arguments)
{
    (void)arguments;
    struct rings rings;
    struct ring_hello hello = good_hello();
    int socket = connect_to_server();
    send_all(socket, &hello, sizeof hello);
    int memory = map_welcome(&rings, socket);
    size_t bytes = region_bytes(rings.requests.bytes, rings.replies.bytes);
    if (fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)bytes) != 0)
        fail(1, "cannot punch");
    if (!say_mapped(socket))
        fail(1, "not attached");
    // A hole would be filled by whoever touches it first, or end it.
    struct stat filled;
    if (fstat(memory, &filled) != 0 || (size_t)filled.st_blocks * 512 < bytes)
        fail(1, "there are holes still");
    for (int i = 0; i < 20; i++)
        ask(&rings, 20000);
    say("served");
    wait_for_word();
}

const struct attack memory_attacks[] = {{"tamper", tamper}, {"seal-first", seal_first}, {"punch-first", punch_first}, {0}};
