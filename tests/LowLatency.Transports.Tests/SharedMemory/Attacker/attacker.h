// What the attacks have in common: they tell the test where they are by lines on their output, go on when it says so by a line
// on their input, and end when that is closed.
#pragma once

#include "common.h"
#include "ring.h"

#include <poll.h>
#include <signal.h>
#include <sys/stat.h>

struct attack {
    const char *name;
    void (*run)(char **arguments);
};

extern const struct attack handshake_attacks[], memory_attacks[], ring_attacks[];

__attribute__((format(printf, 1, 2)))
void say(const char *format, ...);
void wait_for_word(void);
uint64_t next_random(void); // the same numbers in every run

int connect_to_server(void);
struct ring_hello good_hello(void);
void send_all(int socket, const void *bytes, size_t length);

// From the welcome on. The memory's descriptor is the caller's.
int map_welcome(struct rings *rings, int socket);
bool say_mapped(int socket);

// The whole handshake as it should be.
void join(struct rings *rings);
void leave(struct rings *rings);

void wait_for_end(int socket);
void send_message(struct rings *rings, const unsigned char *bytes, size_t length, bool goes_on);
bool take_reply(struct rings *rings, const unsigned char *bytes, size_t length); // false: the server has hung up
void ask(struct rings *rings, size_t length);
