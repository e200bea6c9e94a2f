// The little C that Swift lacks: flush-to-zero, sanitizer brackets, thread rights, the processor's level.
#ifndef C_REALTIME_H
#define C_REALTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Denormals become zero on this thread, as operands and as results. Every thread that renders calls it.
void crt_flush_to_zero(void);

/// From here to `crt_realtime_exit` RealtimeSanitizer, where it is linked, refuses what may block.
void crt_realtime_enter(void);
void crt_realtime_exit(void);

/// Whether RealtimeSanitizer is linked into this process.
bool crt_realtime_sanitizer_present(void);

/// Puts the calling thread under SCHED_FIFO with this priority. Returns 0, or the error number.
int crt_set_realtime_priority(int priority);

/// Keeps the kernel from putting this process's memory into huge pages: while it gathers pages into one, every thread
/// that touches them waits for longer than a period. Only memory that is first touched afterwards stays out for
/// certain, so call it before anything is loaded. [any]
void crt_avoid_huge_pages(void);

/// Locks all memory, present and future: each page as it comes into use. Returns 0, or the error number.
int crt_lock_memory(void);

/// Writes to `bytes` of the calling thread's stack, so that its pages are there before they are needed.
void crt_prefault_stack(size_t bytes);

/// Nanoseconds of CLOCK_MONOTONIC, the clock of every stamp.
uint64_t crt_now(void);

/// CPU time of the calling thread, in nanoseconds.
uint64_t crt_thread_time(void);

/// Sleeps until `deadline` nanoseconds of CLOCK_MONOTONIC.
void crt_sleep_until(uint64_t deadline);

/// The instruction set this build was compiled for: "x86-64-v3", "x86-64-v4", "arm64" …
const char *crt_instruction_set(void);

/// Starts a second process that writes a report into `folder` when this one crashes, in place of Swift's backtracer.
/// Returns a pipe that takes what libraries write to standard error, for the report; −1 where there is no process or
/// descriptor left: then a crash leaves what the system keeps of it. Call it before any thread is made.
int crt_start_crash_reporter(const char *folder, const char *version);

#endif
