#define _GNU_SOURCE
#include "CRealtime.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

void crt_flush_to_zero(void) {
#if defined(__x86_64__)
    _mm_setcsr(_mm_getcsr() | 0x8040);  // FTZ | DAZ
#elif defined(__aarch64__)
    uint64_t fpcr;
    __asm__ volatile("mrs %0, fpcr" : "=r"(fpcr));
    __asm__ volatile("msr fpcr, %0" : : "r"(fpcr | (1ull << 24)));
#endif
}

// Weak symbols: they exist only where RealtimeSanitizer is linked, which is in the tests.
extern void __rtsan_ensure_initialized(void) __attribute__((weak));
extern void __rtsan_realtime_enter(void) __attribute__((weak));
extern void __rtsan_realtime_exit(void) __attribute__((weak));

bool crt_realtime_sanitizer_present(void) { return __rtsan_realtime_enter != NULL; }

void crt_realtime_enter(void) {
    if (__rtsan_realtime_enter == NULL) return;
    __rtsan_ensure_initialized();
    __rtsan_realtime_enter();
}

void crt_realtime_exit(void) {
    if (__rtsan_realtime_exit != NULL) __rtsan_realtime_exit();
}

int crt_set_realtime_priority(int priority) {
    struct sched_param parameter = {.sched_priority = priority};
    return pthread_setschedparam(pthread_self(), SCHED_FIFO, &parameter);
}

void crt_avoid_huge_pages(void) { prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0); }

int crt_lock_memory(void) {
    return mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT) == 0 ? 0 : errno;
}

void crt_prefault_stack(size_t bytes) {
    volatile char page[4096];
    memset((void *)page, 0, sizeof page);
    if (bytes > sizeof page) crt_prefault_stack(bytes - sizeof page);
    page[0] = 1;  // after the call, so that it cannot become a jump that reuses the frame
}

static uint64_t nanoseconds(clockid_t clock) {
    struct timespec t;
    clock_gettime(clock, &t);
    return (uint64_t)t.tv_sec * 1000000000ull + (uint64_t)t.tv_nsec;
}

uint64_t crt_now(void) { return nanoseconds(CLOCK_MONOTONIC); }

uint64_t crt_thread_time(void) { return nanoseconds(CLOCK_THREAD_CPUTIME_ID); }

void crt_sleep_until(uint64_t deadline) {
    struct timespec t = {.tv_sec = (time_t)(deadline / 1000000000ull), .tv_nsec = (long)(deadline % 1000000000ull)};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) {}
}
