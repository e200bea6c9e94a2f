// heartbeat
//
// Wakes every millisecond. Where idle time is skipped, a process that waits for
// the host's files lets the clock jump to the next timer, however far: a
// `timeout 60` would strike at once. So there is always a next timer.
#include <time.h>

int main(void) {
    const struct timespec beat = {0, 1000000};
    for (;;) nanosleep(&beat, 0);
}
