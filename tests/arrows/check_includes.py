"""Checks that the folders of src/ include only what they may (DESIGN section 1 as a table).

    check_includes.py ROOT

Prints every forbidden #include as FILE:LINE and exits 1 if there is one.
"""
import pathlib
import re
import sys

# Which folders of src/ each folder may include, apart from itself and include/unmask.
BASE = {"base"}
TEXT_HALF = {"base", "rules", "options", "checkpoint", "family", "text", "io"}
MAY_INCLUDE = {
    "base": set(),
    "rules": BASE,
    "options": BASE | {"rules"},
    "checkpoint": BASE,
    "family": BASE | {"rules", "checkpoint"},
    "text": BASE,
    "io": BASE,
    "session": TEXT_HALF - {"io"},
    "batch": TEXT_HALF | {"session"},
    "cli": TEXT_HALF | {"session", "batch"},
    "main.cpp": TEXT_HALF | {"session", "batch", "cli"},
    "model": BASE | {"checkpoint", "family"},
    "decode": BASE | {"rules", "checkpoint", "family", "model"},
    "engine": BASE | {"rules", "checkpoint", "family", "model", "decode"},
    "unmask": set(),  # include/unmask, the contract
}

# Libraries, by what their headers look like, and the only places that may include them.
ENGINE = {"model", "decode", "engine"}
LIBRARIES = [
    (re.compile(r"torch/torch\.h$"), set()),  # costs more than a minute a file
    (re.compile(r"(ATen|c10|torch|caffe2)/"), ENGINE),
    (re.compile(r"(spdlog|fmt)/"), {"base/log.cpp"}),  # its fmt and libtorch's cannot meet in one file
    (re.compile(r"CLI/"), {"cli"}),
    (re.compile(r"(sentencepiece|pcre2|utf8proc|absl/|third_party/absl)"), {"text"}),
    (re.compile(r"nlohmann/"), set(MAY_INCLUDE) - {"unmask"}),
]
ONLY_IN_SOURCES = re.compile(r"ATen/ATen\.h$")

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def complaint(place, path, header, quoted):
    """What is wrong with `#include header` in `path` (relative to src/ or include/), or None."""
    for pattern, homes in LIBRARIES:
        if pattern.match(header):
            if place in homes or path in homes:
                if ONLY_IN_SOURCES.match(header) and not path.endswith(".cpp"):
                    return f"<{header}> belongs in .cpp files"
                return None
            return f"<{header}> may be included only in: {', '.join(sorted(homes)) or 'no file'}"
    if not quoted:
        return None
    folder = header.split("/")[0]
    if "/" not in header or ".." in header.split("/"):
        return f'"{header}" must be written relative to src/ or include/'
    if folder in ("unmask", place) or folder in MAY_INCLUDE[place]:
        return None
    return f"{place} must not include {folder}: \"{header}\""


def check(root):
    """Returns [(file, line number, complaint)] for every source under root."""
    found = []
    for top in ("src", "include"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            path = file.relative_to(root / top).as_posix()
            place = path.split("/")[0]
            if place not in MAY_INCLUDE:
                found.append((file.relative_to(root), 1, f"{place} is not a folder of the design"))
                continue
            for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
                match = INCLUDE.match(line)
                wrong = match and complaint(place, path, match[2], match[1] == '"')
                if wrong:
                    found.append((file.relative_to(root), number, wrong))
    return found


def main():
    found = check(pathlib.Path(sys.argv[1]))
    for file, number, wrong in found:
        print(f"{file}:{number}: {wrong}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
