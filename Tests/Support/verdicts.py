"""What a test script says: a line for each check, and an exit status."""

import sys


class Verdicts:
    """Collects checks. `prefix` begins each line's text."""

    def __init__(self, prefix=""):
        self.prefix, self.count, self.failed = prefix, 0, 0

    def check(self, what, good, figures=""):
        """Prints whether `what` holds, with the figures that say so, and returns it."""
        shown = f" ({figures})" if figures not in ("", None) else ""
        print(f"{'ok     ' if good else 'FAILED '} {self.prefix}{what}{shown}", flush=True)
        self.count += 1
        self.failed += not good
        return bool(good)

    def check_all(self, results):
        """Each of (what, good, figures)."""
        for result in results:
            self.check(*result)
        return self

    def exit(self):
        """Ends the script: status 1 if a check has failed, or if there was none."""
        sys.exit(1 if self.failed or not self.count else 0)
