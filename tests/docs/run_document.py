"""Runs a document's commands as a reader would, in order, in one shell, and looks for what they promise.

    run_document.py DOCUMENT BUILD_FOLDER

The ports of `certbound dev` are moved to four free ones, in case a reader's own server has them. A block is run
when a comment stands above it: <!-- run: expect "WORD" -->, <!-- run: fails, expect "WORD" --> or, as in another
terminal, <!-- run: background until "WORD" -->; with `needs PROGRAM` behind it, where there is such a program.
<!-- write: NAME --> puts the block into a file of that name. Names are as seen from the clone's folder, where the
shell starts.
"""

import os
import pathlib
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

BLOCK = re.compile(r'<!-- (?:run: (background until|fails, expect|expect) "([^"]+)"(?: needs (\w+))?|write: (\S+)) -->\n'
                   r'```\w+\n(.*?)```', re.S)
LEAST = 5  # a document that runs less has lost its marks


def wait_for(word, path, process, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and process.poll() is None:
        if word in path.read_text():
            return
        time.sleep(0.05)
    raise SystemExit(f"{word!r} did not come: {path.read_text()}")


def is_free(port):
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return s.connect_ex(("127.0.0.1", port)) != 0


def with_free_ports(text):
    base = next(p for p in iter(lambda: random.randrange(20000, 32000), 0) if all(map(is_free, range(p, p + 4))))
    text = re.sub(r"(localhost|127\.0\.0\.1):844([3-6])", lambda m: f"{m[1]}:{base + int(m[2]) - 3}", text)
    return text.replace("certbound dev --dir certbound-dev", f"certbound dev --dir certbound-dev --port {base}")


def main(document, build):
    text = with_free_ports(pathlib.Path(document).read_text())
    blocks = BLOCK.findall(text)
    marks = re.findall(r"<!-- *(?:run|write)\b", text)
    if len(blocks) != len(marks) or len(blocks) < LEAST:
        raise SystemExit(f"only {len(blocks)} blocks to run in {document}, and {len(marks)} marks")
    with tempfile.TemporaryDirectory(prefix="certbound-document-") as folder:
        folder = pathlib.Path(folder)
        (folder / "build").mkdir()
        (folder / "build/release").symlink_to(pathlib.Path(build).resolve())
        ran = follow(blocks, folder)
    print(f"{ran} of {len(blocks)} blocks of {document} were run and do what they say")


class Shell:
    """One shell for the whole document: folder, variables, functions and background jobs stay from block to block."""

    def __init__(self, folder):
        self.block, self.said, self.status = (folder / f".document-{name}" for name in ("block", "said", "status"))
        self.process = subprocess.Popen(["bash"], stdin=subprocess.PIPE, cwd=folder, text=True, start_new_session=True)

    def run(self, commands, seconds=100):
        self.block.write_text(commands)
        self.status.unlink(missing_ok=True)
        self.process.stdin.write(f". {self.block} >{self.said} 2>&1 </dev/null; echo $? >{self.status}\n")
        self.process.stdin.flush()
        deadline = time.monotonic() + seconds
        while not (self.status.exists() and self.status.read_text()):
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"came to no end:\n{commands}\n{self.said.read_text()}")
            time.sleep(0.02)
        return int(self.status.read_text()), self.said.read_text()

    def stop(self, seconds=30):
        """With all that was started in the background; ends when the last of them has."""
        os.killpg(self.process.pid, signal.SIGTERM)
        self.process.stdin.close()
        self.process.wait(seconds)
        deadline = time.monotonic() + seconds
        while self.has_jobs():
            if time.monotonic() > deadline:
                raise SystemExit("a background job does not end")
            time.sleep(0.05)

    def has_jobs(self):
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return False
        return True


class Terminal:
    """A command that goes on in a terminal of its own, in the clone's folder."""

    def __init__(self, folder, commands, word):
        out = folder / f"terminal-{time.monotonic_ns()}.log"
        self.process = subprocess.Popen(["bash", "-c", "exec " + commands.strip()], cwd=folder, stdout=open(out, "w"),
                                        stderr=subprocess.STDOUT)
        wait_for(word, out, self.process)

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


def tails(folder):
    return "".join(f"\n--- end of {path.name}\n{path.read_text()[-2000:]}" for path in folder.rglob("*.log"))


def check_logs(folder):
    """What went into a file is read by nobody else."""
    for path in folder.rglob("*.log"):
        if found := re.search("[A-Za-z]+Sanitizer|runtime error:", path.read_text()):
            raise SystemExit(f"{found[0]} in {path.name}:\n{path.read_text()[-8000:]}")


def follow(blocks, folder):
    shell = Shell(folder)
    running = [shell]
    missing = 0
    try:
        for how, word, program, name, commands in blocks:
            if name:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(commands)
            elif program and not shutil.which(program):
                print(f"not run, there is no {program}:\n{commands}")
                missing += 1
            elif how == "background until":
                running.append(Terminal(folder, commands, word))
            else:
                status, said = shell.run(commands)
                if (status != 0) != (how == "fails, expect") or word not in said:
                    raise SystemExit(f"status {status}, {word!r} expected of:\n{commands}\n{said}{tails(folder)}")
    finally:
        for one in reversed(running):
            one.stop()
        check_logs(folder)
    return len(blocks) - missing


if __name__ == "__main__":
    main(*sys.argv[1:])
