// steady COMMAND...
//
// Runs a command whose memory the kernel does not gather into huge pages. Every
// ten seconds it looks for what it can gather, and who touches the pages
// meanwhile waits for longer than a short period.
#include "common.h"

int main(int count, char **arguments) {
    if (count < 2) fail("usage: steady COMMAND...");
    keep_pages();
    execvp(arguments[1], arguments + 1);
    fail("cannot run %s: %s", arguments[1], strerror(errno));
}
