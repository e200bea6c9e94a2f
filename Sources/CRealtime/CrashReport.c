#define _GNU_SOURCE
#include "CRealtime.h"

#include <dlfcn.h>
#include <execinfo.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static const int crash_signals[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT};
enum { SIGNAL_COUNT = sizeof crash_signals / sizeof crash_signals[0], FRAME_LIMIT = 64 };

// The beginning of the first line of a crash record.
static const char marker[] = "\n*** kairos crashed: signal ";
// The pipe to the second process.
static int record = -1;

// Writes a number; usable in a signal handler.
static void put_number(uint64_t value, unsigned base) {
    char digits[24], *at = digits + sizeof digits;
    do *--at = "0123456789abcdef"[value % base];
    while ((value /= base) != 0);
    (void)!write(record, at, (size_t)(digits + sizeof digits - at));
}

static void put(const char *text) { (void)!write(record, text, strlen(text)); }

// Writes the crashing thread's return addresses, and lets the signal have its default effect.
static void take_crash(int number, siginfo_t *info, void *context) {
    (void)context;
    char name[16] = "";
    void *frames[FRAME_LIMIT];
    prctl(PR_GET_NAME, name);
    put(marker);
    put_number((uint64_t)number, 10);
    put(", code ");
    put_number((uint64_t)(info->si_code < 0 ? -info->si_code : info->si_code), 10);
    put(", address 0x");
    put_number((uint64_t)(uintptr_t)info->si_addr, 16);
    put(", thread ");
    put(name);
    put("\n");
    int count = backtrace(frames, FRAME_LIMIT);
    for (int n = 0; n < count; n++) {
        put("frame 0x");
        put_number((uint64_t)(uintptr_t)frames[n], 16);
        put("\n");
    }
    // The handler is reset. The instruction is executed again, or the signal is sent again, and the process ends.
    if (info->si_code <= 0) raise(number);
}

// The address of a frame, in the form that a symbolizer reads.
static void describe(FILE *file, const char *line) {
    Dl_info place;
    char *address = (char *)strtoull(line + 6, NULL, 16);
    if (dladdr(address, &place) == 0) return (void)fprintf(file, "%s\n", line);
    fprintf(file, "%s %s+0x%zx", line, place.dli_fname, (size_t)(address - (char *)place.dli_fbase));
    if (place.dli_sname != NULL)
        fprintf(file, " %s+%zu", place.dli_sname, (size_t)(address - (char *)place.dli_saddr));
    fputc('\n', file);
}

// Creates a folder and its missing parents.
static void make_folder(const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s", folder);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = 0;
        mkdir(path, 0755);
        *slash = '/';
    }
    mkdir(path, 0755);
}

// Writes the report and prints its path.
static void report(const char *folder, const char *version, char *text) {
    char path[4096], stamp[32];
    time_t now = time(NULL);
    struct tm local;
    localtime_r(&now, &local);
    strftime(stamp, sizeof stamp, "%Y-%m-%dT%H-%M-%S", &local);
    make_folder(folder);
    snprintf(path, sizeof path, "%s/crash-%s.txt", folder, stamp);
    FILE *file = fopen(path, "w");
    if (file == NULL) {
        dprintf(STDERR_FILENO, "\nkairos crashed; no report can be written to %s\n", folder);
        return;
    }
    fprintf(file, "%s\n", version);
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;)
        if (strncmp(line, "frame 0x", 8) == 0) describe(file, line);
        else fprintf(file, "%s\n", line);
    fclose(file);
    dprintf(STDERR_FILENO, "\nkairos crashed; what is known of it is in %s\n", path);
}

// The second process: keeps the last output that comes through the pipe until the first process has ended.
static void keep_last_words(int pipe, const char *folder, const char *version) {
    static char text[65536 + 1];
    size_t length = 0;
    for (;;) {
        if (length == sizeof text - 1) {
            length /= 2;
            memmove(text, text + length, length);
        }
        ssize_t count = read(pipe, text + length, sizeof text - 1 - length);
        if (count <= 0) break;
        length += (size_t)count;
    }
    text[length] = 0;
    for (size_t n = 0; n < length; n++)
        if (text[n] == 0) text[n] = '?';
    if (strstr(text, marker) != NULL) report(folder, version, text);
}

int crt_start_crash_reporter(const char *folder, const char *version) {
    int ends[2];
    for (int n = 0; n < SIGNAL_COUNT; n++) signal(crash_signals[n], SIG_DFL);
    if (pipe2(ends, O_CLOEXEC) != 0) return -1;
    pid_t process = fork();
    if (process == 0) {
        // It outlives the first process: it ignores the signals that end it.
        setsid();
        for (int number = 1; number < 32; number++) signal(number, SIG_IGN);
        prctl(PR_SET_NAME, "kairos-crash");
        int null = open("/dev/null", O_RDWR);
        dup2(null, STDIN_FILENO);
        dup2(null, STDOUT_FILENO);
        dup2(ends[0], 3);
        close_range(4, ~0u, 0);
        keep_last_words(3, folder, version);
        _exit(0);
    }
    close(ends[0]);
    if (process < 0) {
        close(ends[1]);
        return -1;
    }
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    record = ends[1];
    // The first call loads a library that the later ones need. A signal handler must not load one.
    void *frame;
    backtrace(&frame, 1);
    struct sigaction action = {.sa_sigaction = take_crash, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER};
    for (int n = 0; n < SIGNAL_COUNT; n++) sigaction(crash_signals[n], &action, NULL);
    return ends[1];
}
