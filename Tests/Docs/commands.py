"""Runs the command lines of a page in a home folder of its own."""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "Tests/Support"))

import smf  # noqa: E402  the path must be known first

# Programs that a page may name and that are not run here.
OTHERS = {
    "sudo", "git", "make", "swift", "aconnect", "aseqnet", "aplaymidi", "modprobe", "groups", "echo", "cd", "python3", "osc/bin/pip",
    "osc/bin/python", "jackd", "jack_load", "jack_connect", "jack_lsp", "pw-link", "pw-metadata", "pw-cli", "pactl", "pipewire", "systemctl", "sha256sum", "curl", "ssh",
    "man",
}
# What a subcommand needs so that it ends by itself and needs no device.
SHORT = {
    "play": ["--audio", "null", "--midi", "none", "--no-session", "--seconds", "0.2"],
    "monitor": ["--seconds", "0.2"],
    "learn": ["--seconds", "0.2"],
    "profile": ["--seconds", "0.1"],
}
NO_DEVICE = "no ALSA sequencer"

SCALE = "! fifths\n!\nfifths\n 12\n!\n" + "".join(f" {cents}.0\n" for cents in range(100, 1300, 100))
KEYBOARD = "7\n0\n127\n60\n69\n440.0\n7\n0\n1\n2\n3\n4\n5\n6\n"
PATCH = ("kairos: patch/1\nname: Example\nmodules:\n  keys: { type: keys }\n  osc: { type: saw }\n"
         "connections:\n  - keys.pitch -> osc.pitch\n")


def lines(block):
    """(line number, command) of a block of shell commands, with continuation lines joined and comments removed."""
    whole, start = "", block.line + 1
    for number, line in enumerate(block.text.splitlines(), block.line + 1):
        whole = whole + line if whole else line
        if line.endswith("\\"):
            whole = whole[:-1] + " "
            continue
        command = re.sub(r"(^|\s)#.*$", "", whole).strip()
        if command:
            yield start, command
        whole, start = "", number + 1


class Runner:
    """A home folder with `kairos` in its PATH, in which the commands of one page run."""

    def __init__(self, kairos, folder, options):
        self.kairos, self.home = kairos, pathlib.Path(folder)
        self.work = self.home / "work"
        self.work.mkdir(parents=True)
        (self.home / "bin").mkdir()
        (self.home / "bin/kairos").symlink_to(kairos)
        for name in ("Patches", "Modules", "Mappings", "docs"):
            (self.work / name).symlink_to(TOP / name)
        self.options = options
        self.environment = {
            **os.environ, "HOME": str(self.home), "XDG_CONFIG_HOME": str(self.home / ".config"),
            "XDG_STATE_HOME": str(self.home / ".state"), "PATH": f"{self.home / 'bin'}:{os.environ['PATH']}",
        }

    def save(self, name, text):
        """Writes a file of the user's own: a patch or set list, a module or a mapping, by its first line."""
        kind = re.search(r"^kairos: *(\w+)/", text, re.M)
        folder = {"mapping": "Mappings", "module": "Modules"}.get(kind[1] if kind else "", "Patches")
        path = self.home / ".config/kairos" / folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def _provide(self, words):
        """Makes the files and folders that a command names and that are not there."""
        for before, word in zip(words, words[1:]):
            if before in ("--patches", "--modules", "--mappings") and not (self.work / word).exists():
                (self.work / word).mkdir(parents=True)
                if before == "--patches":
                    (self.work / word / "example.yaml").write_text(PATCH)
        for word in words:
            path = self.work / word
            if word.startswith(("-", "~", "/")) or path.exists() or "/" in word:
                continue
            own = [*self.home.glob(f".config/kairos/*/{word}")]
            if own:
                shutil.copy(own[0], path)
            elif word.endswith(".mid"):
                path.write_bytes(smf.song([(0, bytes([0x90, 60, 100])), (0.5, bytes([0x80, 60, 64]))]))
            elif word.endswith(".scl"):
                path.write_text(SCALE)
            elif word.endswith(".kbm"):
                path.write_text(KEYBOARD)
            elif word.endswith(".yaml"):
                path.write_text(PATCH)

    def run(self, command):
        """Runs a command line. Returns what is wrong, or None."""
        # What a shell does behind the command is not tried.
        words = shlex.split(re.split("[|>]", command)[0])
        if words[0] == "pw-jack":
            words = words[1:]
        if words[0] == ".build/release/kairos":
            words[0] = "kairos"
        if words[0] != "kairos":
            return None if words[0] in OTHERS or "/" in words[0] else f"unknown program '{words[0]}'"
        words = [word.replace("~", str(self.home), 1) if word.startswith("~/") else word for word in words]
        outputs = [words[n + 1] for n, word in enumerate(words[:-1]) if word in ("-o", "--output")]
        self._provide([word for word in words[1:] if word not in outputs])
        words = [file for word in words for file in (sorted(map(str, self.work.glob(word))) if "*" in word and "/" in word else [word])]
        kind = words[1] if len(words) > 1 else ""
        if kind == "bench":
            return self.options.fault(command)  # it measures for a minute or more
        if kind == "play":
            for option in ("--audio", "--midi"):
                if option in words:
                    del words[words.index(option):words.index(option) + 2]
            if "--osc-allow" not in words and "--osc" not in words:
                words.append("--no-osc")
        result = subprocess.run(words + SHORT.get(kind, []), env=self.environment, cwd=self.work, timeout=60,
                                stdin=subprocess.DEVNULL, capture_output=True)
        told = (result.stdout[-9000:] + result.stderr[-9000:]).decode(errors="replace")
        # An instrument that was ready has accepted everything; on a busy machine its end may take longer than it has.
        if result.returncode == 0 or kind == "ports" or NO_DEVICE in told or (kind == "play" and "ready in" in told):
            return None
        # A page of reference has the same example twice.
        if kind == "new" and "already exists" in told:
            return None
        return f"exit status {result.returncode}: {told.strip()[-300:]}"


class Options:
    """The subcommands and options of `kairos`, from its help texts."""

    def __init__(self, kairos):
        self.kairos, self.known = kairos, {}

    def fault(self, command):
        """What is wrong with the words of a command that is not run, or None. Words in capitals stand for others."""
        try:
            words = shlex.split(command.split("|")[0])
        except ValueError as error:
            return str(error)
        path = []
        for word in words[1:]:
            # A command that the list leaves out, such as `kairos manual`, has options all the same.
            if not re.fullmatch("[a-z]+", word) or not (word in self._help(path)[0] or not path and self._help([word])[1]):
                break
            path.append(word)
        if len(words) > 1 and not path and re.fullmatch("[a-z]+", words[1]) and words[1] != "help":
            return f"no command '{words[1]}'"
        for word in words[1:]:
            option = word.split("=")[0]
            if re.fullmatch("--[a-z-]+", option) and option not in self._help(path)[1]:
                return f"'kairos {' '.join(path)}' has no option {option}"
        return None

    def _help(self, path):
        """(subcommands, options) of a command."""
        key = " ".join(path)
        if key not in self.known:
            text = subprocess.run([self.kairos, *path, "--help"], capture_output=True, text=True).stdout
            under = text.split("SUBCOMMANDS:")[1] if "SUBCOMMANDS:" in text else ""
            self.known[key] = (set(re.findall(r"^  ([a-z]+) ", under, re.M)), set(re.findall(r"--[a-z][a-z-]*", text)))
        return self.known[key]
