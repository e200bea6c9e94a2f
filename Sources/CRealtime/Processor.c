#include "CRealtime.h"

#include <string.h>
#include <unistd.h>

const char *crt_instruction_set(void) { return KAIROS_MARCH; }

#if defined(__x86_64__)
// Runs before `main`, so before the first instruction that an older processor does not know.
__attribute__((constructor(101))) static void refuse_older_processor(void) {
    __builtin_cpu_init();
    bool v4 = strcmp(KAIROS_MARCH, "x86-64-v4") == 0;
    if (v4 ? __builtin_cpu_supports("x86-64-v4") : __builtin_cpu_supports("x86-64-v3")) return;
    if (strncmp(KAIROS_MARCH, "x86-64-v", 8) != 0 || strcmp(KAIROS_MARCH, "x86-64-v2") == 0) return;
    static const char line[] =
        "kairos: this processor lacks the instructions this build is made for (" KAIROS_MARCH
        "); build it here with KAIROS_MARCH=native\n";
    if (write(STDERR_FILENO, line, sizeof line - 1) < 0) _exit(1);
    _exit(1);
}
#endif
