#!/usr/bin/env python3
"""Runs every shell block of the README: each must succeed and print something.

usage: run_blocks.py README BINARY

`scripts/run` and `build/unmask` stand for BINARY here: installing and building is tried on a fresh
machine, not in a test.
"""
import pathlib
import re
import subprocess
import sys
import tempfile


def shell_blocks(text):
    """(line number, code) of each block fenced as ```sh."""
    for match in re.finditer(r"^```sh\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start()) + 2, match.group(1)


def run(code, binary):
    """What the block prints; raises CalledProcessError when it fails."""
    for name in ("scripts/run", "build/unmask"):
        code = re.sub(r"(?<![\w/])" + re.escape(name) + r"\b", binary, code)
    with tempfile.TemporaryDirectory() as folder:
        pathlib.Path(folder, "build").mkdir()
        result = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", code], cwd=folder, timeout=600, check=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        return result.stdout + "".join(str(p) for p in pathlib.Path(folder).glob("build/*"))


def main(readme, binary):
    blocks = list(shell_blocks(pathlib.Path(readme).read_text()))
    failures = 0 if blocks else 1
    for line, code in blocks:
        problem = None
        try:
            if not run(code, binary).strip():
                problem = "printed nothing"
        except subprocess.CalledProcessError as error:
            problem = f"exit {error.returncode}: {error.stderr.strip()}"
        print(f"{'FAILED' if problem else 'ok'}: line {line}" + (f": {problem}" if problem else ""))
        failures += problem is not None
    print(f"{len(blocks)} blocks, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
