// withparent: becomes another program, which is killed when the thread that started it ends - even while it is stopped,
// when it could not see the end of its stdin or any other signal.
#include "common.h"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    if (argc < 3)
        fail(EXIT_USAGE, "usage: withparent PARENT PROGRAM [ARGUMENT]...");
    unsigned long parent = parse_number("PARENT", argv[1], 1, INT32_MAX);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0)
        fail(1, "prctl: %s", strerror(errno));
    if ((unsigned long)getppid() != parent) // it ended before the line above
        return 1;
    execvp(argv[2], argv + 2);
    fail(1, "%s: %s", argv[2], strerror(errno));
}
