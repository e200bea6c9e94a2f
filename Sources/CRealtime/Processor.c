#include "CRealtime.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *crt_instruction_set(void) { return KAIROS_MARCH; }

#if defined(__x86_64__)
// Starts the build for a newer processor in place of this one, if the processor is new enough and that build stands
// beside this one.
static void become_newer_build(char **arguments, char **environment) {
    char path[4096];
    ssize_t length = readlink("/proc/self/exe", path, sizeof path - 4);
    if (length <= 0) return;
    strcpy(path + length, "-v4");
    // If that build cannot be started, this one continues.
    if (access(path, X_OK) == 0) execve(path, arguments, environment);
}

// Runs before `main`, and so before the first instruction that an older processor does not know.
__attribute__((constructor(101))) static void fit_processor(int count, char **arguments, char **environment) {
    __builtin_cpu_init();
    bool has_v4 = __builtin_cpu_supports("x86-64-v4");
    bool is_v4 = strcmp(KAIROS_MARCH, "x86-64-v4") == 0, is_v3 = strcmp(KAIROS_MARCH, "x86-64-v3") == 0;
    if (is_v3 && has_v4 && getenv("KAIROS_V3") == NULL) become_newer_build(arguments, environment);
    if (is_v4 ? has_v4 : __builtin_cpu_supports("x86-64-v3")) return;
    if (strncmp(KAIROS_MARCH, "x86-64-v", 8) != 0 || strcmp(KAIROS_MARCH, "x86-64-v2") == 0) return;
    static const char line[] =
        "kairos: this processor lacks the instructions this build is made for (" KAIROS_MARCH
        "); build it here with KAIROS_MARCH=native\n";
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0) _exit(1);
    _exit(1);
}
#endif
