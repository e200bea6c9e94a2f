#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

// Opens the standard descriptors that are closed at the start, before anything else opens a file. Otherwise a
// patch, a socket or the session file would get their numbers, and the first message would be written into it.
// Outputs are opened for reading: a write to them fails, as it would on a closed descriptor, and can be reported.
__attribute__((constructor(101))) static void open_standard_descriptors(void) {
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; descriptor++)
        if (fcntl(descriptor, F_GETFD) == -1 && errno == EBADF) (void)!open("/dev/null", O_RDONLY);
}
