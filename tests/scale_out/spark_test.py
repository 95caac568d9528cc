#!/usr/bin/env python3
"""Runs the Spark program of docs/scale-out.md and compares with a batch without Spark.

usage: spark_test.py DOCUMENT BINARY SPARK MODEL

SPARK is a virtual environment with pyspark. Needs Java; skipped, with 77, unless UNMASK_TEST_ALL is set.
"""
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

SKIPPED = 77


def write_prompts(path):
    prompts = [json.dumps({"id": f"p{i}", "prompt": "Once upon a time", "temperature": 0.8, "length": 8}) for i in range(16)]
    path.write_text("\n".join([*prompts, '{"id":"wrong","prompt":1}']) + "\n")


def texts(lines):
    """By id; null for an error. The number of a line is that within its partition."""
    answers = [json.loads(line) for line in lines]
    return {answer["id"]: answer.get("text") for answer in answers}


def main(document, binary, spark, model):
    if not os.environ.get("UNMASK_TEST_ALL"):
        print("skipped: Spark needs Java and a large download; scripts/test --all runs this, too")
        return SKIPPED
    program = re.search(r"^```python\n(.*?)^```$", pathlib.Path(document).read_text(), re.MULTILINE | re.DOTALL).group(1)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        write_prompts(folder / "prompts.jsonl")
        (folder / "bin").mkdir()
        (folder / "bin" / "unmask").symlink_to(binary)
        path = f"{folder}/bin:{os.environ['PATH']}"
        environment = {**os.environ, "PATH": path, "UNMASK_MODEL": model}
        subprocess.run([f"{spark}/bin/python", "-c", program], cwd=folder, env=environment, check=True, timeout=500)
        with_spark = [line for part in sorted((folder / "answers").glob("part-*")) for line in part.read_text().splitlines()]
        plain = subprocess.run([binary, "batch", "prompts.jsonl", "-q", "--seed", "5"], cwd=folder, env=environment,
                               stdout=subprocess.PIPE, text=True, check=False)
    expected = texts(plain.stdout.splitlines())
    if len(with_spark) != 17 or texts(with_spark) != expected or expected["wrong"] is not None or not expected["p7"]:
        print(f"with Spark: {with_spark}\nwithout: {plain.stdout}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
