"""Runs a document's commands as a reader would, in order, in one shell, and looks for what they promise.

    run_document.py DOCUMENT BUILD_FOLDER

The ports of `certbound dev` are moved to four free ones, in case a reader's own server has them. A block is run
when a comment stands above it: <!-- run: expect "WORD" -->, <!-- run: fails, expect "WORD" --> or
<!-- run: background until "WORD" -->; with `needs PROGRAM` behind it, where there is such a program.
<!-- write: NAME --> puts the block into a file of that name.
"""

import pathlib
import random
import re
import shutil
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
    if len(blocks) < LEAST:
        raise SystemExit(f"only {len(blocks)} blocks to run in {document}")
    with tempfile.TemporaryDirectory(prefix="certbound-document-") as folder:
        folder = pathlib.Path(folder)
        (folder / "build").mkdir()
        (folder / "build/release").symlink_to(pathlib.Path(build).resolve())
        follow(blocks, folder)
    print(f"{len(blocks)} blocks of {document} do what they say")


def follow(blocks, folder):
    background = []
    settings = ""
    try:
        for how, word, program, name, commands in blocks:
            if name:
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(commands)
                continue
            if program and not shutil.which(program):
                print(f"not run, there is no {program}:\n{commands}")
                continue
            if how == "background until":
                out = folder / "background.log"
                process = subprocess.Popen(["bash", "-c", "exec " + commands.strip()], cwd=folder,
                                           stdout=open(out, "w"), stderr=subprocess.STDOUT)
                background.append(process)
                wait_for(word, out, process)
                continue
            done = subprocess.run(["bash", "-c", settings + commands], capture_output=True, text=True, cwd=folder,
                                  timeout=60)
            said = done.stdout + done.stderr
            if (done.returncode != 0) != (how == "fails, expect") or word not in said:
                raise SystemExit(f"status {done.returncode}, {word!r} expected of:\n{commands}\n{said}")
            # A variable that a block sets is there for the next, as in the reader's shell.
            settings += "".join(re.findall(r"(?ms)^[A-Z]+=\$\(.*?\)\n", commands))
    finally:
        for process in background:
            process.terminate()
            process.wait(20)


if __name__ == "__main__":
    main(*sys.argv[1:])
