"""Real shells at a terminal, to which a test types the beginning of a command and the Tab key."""

import fcntl
import os
import pty
import re
import select
import shlex
import struct
import subprocess
import termios
import time

# Seconds until an answer must have come; generous, because a machine may be busy.
LIMIT = 60


PROMPT = "kairos-test> "


class Shell:
    """An interactive shell in `folder`. `start` are its first lines, of which the first sets the prompt."""

    def __init__(self, command, start, environment, folder):
        self.master, slave = pty.openpty()
        # Wide and high, so that no list is cut or asks before it is shown.
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 500, 240, 0, 0))
        # The terminal controls the shell's session.
        self.process = subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, env=environment, cwd=folder,
                                        preexec_fn=lambda: (os.setsid(), fcntl.ioctl(0, termios.TIOCSCTTY, 0)))
        os.close(slave)
        self.printed = ""
        for line in start:
            self.run(line)

    def read(self, end):
        """All that is printed until `end` is."""
        until = time.monotonic() + LIMIT
        while end not in self.printed:
            if not select.select([self.master], [], [], max(0, until - time.monotonic()))[0]:
                raise TimeoutError(f"{end!r} did not come; this did: {self.printed[-2000:]!r}")
            try:
                self.printed += os.read(self.master, 65536).decode(errors="replace")
            except OSError as error:
                raise EOFError(f"the shell ended; it printed {self.printed[-2000:]!r}") from error
        text, _, self.printed = self.printed.partition(end)
        return text

    def run(self, line):
        """All that is printed while the line is typed and run, until the next prompt."""
        # Not as it is typed, so that the echo is not taken for the answer.
        os.write(self.master, f"{line}\r".encode())
        os.write(self.master, b"printf '%s%s\\n' EN DED\r")
        text = self.read("ENDED")
        self.read(PROMPT)
        return text

    def complete(self, line):
        """The words of the line after Tab, as the shell passes them to a command."""
        # The beginning of the line turns it into one that prints its words.
        return re.findall(r"(?m)^<(.*)>\r?$", self.run(f"{line}\t\x01printf '<%s>\\n' \x05"))

    def offers(self, line):
        """What is shown for the line after Tab Tab."""
        return self.run(f"{line}\t\t\x15")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.master)


def bash(environment, folder):
    return Shell(["bash", "--norc", "--noprofile", "-i"],
                 [f"PS1='{PROMPT}'",
                  "bind 'set bell-style none'; bind 'set completion-query-items 0'; bind 'set page-completions off'",
                  "bind 'set enable-bracketed-paste off'; . /usr/share/bash-completion/bash_completion"],
                 environment, folder)


def zsh(environment, folder):
    functions = environment["PREFIX"] + "/share/zsh/site-functions"
    return Shell(["zsh", "-f", "-i"],
                 [f"PS1='{PROMPT}'; unsetopt beep automenu prompt_sp; bindkey -e; LISTMAX=1000; unset zle_bracketed_paste",
                  f"fpath=({shlex.quote(functions)} $fpath); autoload -U compinit; compinit -u -d $HOME/zcompdump"],
                 environment, folder)


class Fish(Shell):
    """Fish, whose list of what it would complete is asked for: its own takes over the screen."""

    def __init__(self, environment, folder):
        super().__init__(["fish", "--no-config", "-i"],
                         [f"function fish_prompt; printf '{PROMPT}'; end; set -g fish_autosuggestion_enabled 0",
                          "set -g fish_complete_path $fish_complete_path $PREFIX/share/fish/vendor_completions.d"],
                         environment, folder)

    def offers(self, line):
        return self.run(f"complete -C {shlex.quote(line)}")
