"""Plants names, some twice, and sees that check_names.py tells them apart."""
import pathlib
import tempfile
import unittest

from check_names import check

HIDDEN = "namespace {\n%s\n}\n"

FORBIDDEN = [
    ("enum class Stream { in, out };", "class Stream {\n int x;\n};"),
    ("struct Stream { int x; };", HIDDEN % "class Stream : public Events {\n int x;\n};"),
    ("void check_ids(int id, const Spec& spec);", HIDDEN % "void check_ids(const Facts& facts) {\n  check(facts);\n}"),
    ("std::string numbered(const std::string& pattern, int index);",
     HIDDEN % 'std::string numbered(std::size_t sequence) { return "{;}"; }'),
    (HIDDEN % "constexpr int kMaxDrafts = 64;", HIDDEN % "constexpr int kMaxDrafts = 1024;"),
    ("using Ids = std::vector<int>;", "struct Ids {\n int x;\n};"),
]
ALLOWED = [
    ("class Stream;", "class Stream {\n int x;\n};"),  # announced and defined
    ("void check_ids(int id);", "void check_ids(int id) {\n  other(id);\n}"),
    ("int text_of(int x);\nint text_of(bool x);", "int text_of(int x) { return x; }"),  # overloads
    (HIDDEN % "struct Row { int x; };", HIDDEN % "struct Row { float y; };"),  # each for itself
    (HIDDEN % "constexpr int kMaxDrafts = 64;", HIDDEN % "constexpr int kMaxDrafts = 64;"),
    ("namespace utf8 {\nint decode(int x);\n}", HIDDEN % "int decode(float y) { return 1; }"),
    ("// struct Stream {};\n", "struct Stream {\n int x;\n};"),
    ("struct A {\n struct Stream { int x; };\n};", "struct Stream {\n int x;\n};"),  # a member
    ("using Ids = std::vector<int>;", "using Ids = std::vector<int>;"),
]


def complaints(first, second):
    with tempfile.TemporaryDirectory() as root:
        for name, text in (("a.h", first), ("b.cpp", second)):
            file = pathlib.Path(root, "src/base", name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("#pragma once\nnamespace unmask {\n" + text + "\n}  // namespace unmask\n", encoding="utf-8")
        return check(pathlib.Path(root))


class CheckNames(unittest.TestCase):
    def test_reports_names_that_mean_two_things(self):
        for first, second in FORBIDDEN:
            with self.subTest(first=first, second=second):
                self.assertEqual(len(complaints(first, second)), 1)

    def test_accepts_names_that_mean_one(self):
        for first, second in ALLOWED:
            with self.subTest(first=first, second=second):
                self.assertEqual(complaints(first, second), [])


if __name__ == "__main__":
    unittest.main()
