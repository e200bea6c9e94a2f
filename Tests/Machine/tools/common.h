// What the guest's tools share. Each is one file: they are tests' tools, small
// enough to be judged by reading them.
#pragma once

#include <errno.h>
#include <jack/jack.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

__attribute__((noreturn, format(printf, 1, 2))) static inline void fail(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "%s: ", program_invocation_short_name);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    exit(1);
}

static atomic_bool stopped;
static inline void stop(int signal) {
    (void)signal;
    stopped = 1;
}

static inline void stop_on_signals(void) {
    signal(SIGINT, stop);
    signal(SIGTERM, stop);
}

// Not to be gathered into huge pages, see steady.c.
static inline void keep_pages(void) {
    if (prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0)) fail("cannot do without huge pages: %s", strerror(errno));
}

// A page fetched from the host in the middle of a measurement takes an
// arbitrary time of the guest's: the emulated clock jumps while it waits.
static inline void lock_memory(void) {
    keep_pages();
    if (mlockall(MCL_CURRENT | MCL_FUTURE)) fail("cannot lock memory: %s", strerror(errno));
}

static inline void become_realtime(int priority) {
    struct sched_param parameter = {.sched_priority = priority};
    if (sched_setscheduler(0, SCHED_FIFO, &parameter)) fail("no real-time priority: %s", strerror(errno));
}

static inline void become_ordinary(void) {
    sched_setscheduler(0, SCHED_OTHER, &(struct sched_param){0});
}

// jack_get_time() counts CLOCK_MONOTONIC_RAW, which nothing can sleep by.
static inline void sleep_until(jack_time_t microseconds) {
    struct timespec at;
    for (;;) {
        int64_t rest = (int64_t)(microseconds - jack_get_time());
        if (rest <= 0 || stopped) return;
        clock_gettime(CLOCK_MONOTONIC, &at);
        int64_t nanoseconds = at.tv_nsec + rest * 1000;
        at.tv_sec += nanoseconds / 1000000000;
        at.tv_nsec = nanoseconds % 1000000000;
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
    }
}

static inline void sleep_milliseconds(int milliseconds) {
    sleep_until(jack_get_time() + (jack_time_t)milliseconds * 1000);
}

static inline jack_client_t *open_jack(const char *name) {
    jack_client_t *client = jack_client_open(name, JackNoStartServer, NULL);
    if (!client) fail("no JACK server");
    return client;
}
