"""Plants includes, forbidden and allowed, and sees that check_includes.py tells them apart."""
import pathlib
import tempfile
import unittest

from check_includes import check

FORBIDDEN = [
    ("src/base/a.cpp", '#include "checkpoint/locate.h"'),
    ("src/checkpoint/a.cpp", '#include "text/tokenizer.h"'),
    ("src/checkpoint/a.cpp", '#include "family/family.h"'),
    ("src/text/a.cpp", '#include "io/terminal.h"'),
    ("src/io/a.cpp", '#include "checkpoint/locate.h"'),
    ("src/text/a.cpp", '#include "cli/args.h"'),
    ("src/session/a.cpp", '#include "cli/args.h"'),
    ("src/session/a.cpp", '#include "batch/options.h"'),
    ("src/session/a.cpp", '#include "io/output.h"'),
    ("src/session/a.cpp", '#include "engine/exports.h"'),
    ("src/batch/a.cpp", '#include "cli/args.h"'),
    ("src/batch/a.cpp", "#include <CLI/CLI.hpp>"),
    ("src/io/a.cpp", '#include "batch/journal.h"'),
    ("src/cli/a.cpp", '#include "engine/engine.h"'),
    ("src/cli/a.cpp", '#include "decode/loop.h"'),
    ("src/main.cpp", '#include "model/model.h"'),
    ("src/model/a.cpp", '#include "decode/loop.h"'),
    ("src/model/a.cpp", '#include "text/tokenizer.h"'),
    ("src/decode/a.cpp", '#include "io/terminal.h"'),
    ("src/engine/a.cpp", '#include "cli/args.h"'),
    ("include/unmask/a.h", '#include "base/json.h"'),
    ("include/unmask/a.h", "#include <nlohmann/json.hpp>"),
    ("include/unmask/a.h", "#include <ATen/core/Tensor.h>"),
    ("src/base/json.cpp", "#include <spdlog/spdlog.h>"),
    ("src/cli/a.cpp", "#include <ATen/core/Tensor.h>"),
    ("src/io/a.cpp", "#include <CLI/CLI.hpp>"),
    ("src/checkpoint/a.cpp", "#include <sentencepiece_processor.h>"),
    ("src/cli/a.cpp", "#include <pcre2.h>"),
    ("src/base/a.cpp", "  #  include <utf8proc.h>"),
    ("src/engine/a.cpp", "#include <torch/torch.h>"),
    ("src/model/a.h", "#include <ATen/ATen.h>"),
    ("src/model/a.cpp", '#include "layers.h"'),
    ("src/model/a.cpp", '#include "../decode/loop.h"'),
    ("src/helpers/a.cpp", ""),
]
ALLOWED = [
    ("src/base/log.cpp", "#include <spdlog/spdlog.h>"),
    ("src/base/a.cpp", '#include "base/json.h"'),
    ("src/family/a.cpp", '#include "checkpoint/checkpoint.h"'),
    ("src/text/a.cpp", "#include <sentencepiece_processor.h>"),
    ("src/cli/a.cpp", "#include <CLI/CLI.hpp>"),
    ("src/cli/a.cpp", '#include "family/family.h"'),
    ("src/cli/a.cpp", '#include "unmask/engine.h"'),
    ("src/cli/commands/a.cpp", '#include "cli/command.h"'),
    ("src/cli/a.cpp", '#include "batch/batch.h"'),
    ("src/batch/a.cpp", '#include "session/session.h"'),
    ("src/batch/a.cpp", '#include "io/output.h"'),
    ("src/session/a.cpp", '#include "unmask/engine.h"'),
    ("src/session/a.cpp", '#include "family/family.h"'),
    ("src/main.cpp", '#include "cli/args.h"'),
    ("src/model/a.cpp", "#include <ATen/ATen.h>"),
    ("src/model/a.h", "#include <ATen/core/Tensor.h>"),
    ("src/model/a.cpp", '#include "family/family.h"'),
    ("src/engine/a.cpp", '#include "decode/loop.h"'),
    ("src/engine/a.cpp", "#include <torch/csrc/jit/serialization/import.h>"),
    ("include/unmask/a.h", '#include "unmask/error.h"'),
    ("src/io/a.cpp", '// #include "text/tokenizer.h"'),
]


def complaints(path, line):
    with tempfile.TemporaryDirectory() as root:
        file = pathlib.Path(root, path)
        file.parent.mkdir(parents=True)
        file.write_text("#pragma once\n" + line + "\n", encoding="utf-8")
        return check(pathlib.Path(root))


class CheckIncludes(unittest.TestCase):
    def test_reports_forbidden_includes(self):
        for path, line in FORBIDDEN:
            with self.subTest(path=path, line=line):
                self.assertEqual(len(complaints(path, line)), 1)

    def test_accepts_allowed_includes(self):
        for path, line in ALLOWED:
            with self.subTest(path=path, line=line):
                self.assertEqual(complaints(path, line), [])


if __name__ == "__main__":
    unittest.main()
