// Functions that Swift lacks: flush-to-zero, sanitizer brackets, thread scheduling, processor level.
#ifndef C_REALTIME_H
#define C_REALTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Sets flush-to-zero on this thread: denormal operands and results become 0. Every thread that renders calls it.
void crt_flush_to_zero(void);

/// Starts a section in which RealtimeSanitizer, where it is linked, refuses every call that may block.
/// `crt_realtime_exit` ends it.
void crt_realtime_enter(void);
void crt_realtime_exit(void);

/// Whether RealtimeSanitizer is linked into this process.
bool crt_realtime_sanitizer_present(void);

/// Schedules the calling thread under SCHED_FIFO with this priority. Returns 0 or the error number.
int crt_set_realtime_priority(int priority);

/// Excludes this process's memory from huge pages. While the kernel collects pages into a huge one, every thread
/// that touches them waits for longer than a period. The exclusion is certain only for memory that is first touched
/// afterwards, so call it before anything is loaded. [any]
void crt_avoid_huge_pages(void);

/// Locks all memory, present and future; each page is locked when it comes into use. Returns 0 or the error number.
int crt_lock_memory(void);

/// Writes to `bytes` of the calling thread's stack, so that its pages exist before they are needed.
void crt_prefault_stack(size_t bytes);

/// Nanoseconds of CLOCK_MONOTONIC, the clock of every time stamp.
uint64_t crt_now(void);

/// CPU time of the calling thread, in nanoseconds.
uint64_t crt_thread_time(void);

/// Sleeps until `deadline` nanoseconds of CLOCK_MONOTONIC.
void crt_sleep_until(uint64_t deadline);

/// The instruction set this build was compiled for: "x86-64-v3", "x86-64-v4", "arm64" …
const char *crt_instruction_set(void);

/// Starts a second process that writes a report into `folder` if this process crashes, in place of Swift's
/// backtracer. Returns a pipe for the standard error of libraries, which the report includes, or −1 if no process
/// or descriptor is available: then only the system's core file remains of a crash. Call it before any thread is
/// created.
int crt_start_crash_reporter(const char *folder, const char *version);

/// Stands for a failed assertion about the size of a message. It has no definition: if the compiler does not remove
/// every call as unreachable, no program links.
void crt_message_is_too_large(void);

#endif
