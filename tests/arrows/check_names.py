"""Checks that a name of namespace unmask means one thing (the linker would not say so).

    check_names.py ROOT

Reports, as FILE:LINE, a type that is defined twice, a function or constant of an unnamed namespace that
has the name of one that all may see, and constants of one name whose values differ. Exits 1 if there
is one.
"""
import pathlib
import re
import sys
from collections import defaultdict

STRINGS_AND_COMMENTS = re.compile(
    r'R"\((?:.|\n)*?\)"|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'|//[^\n]*|/\*(?:.|\n)*?\*/')
NAMESPACE = re.compile(r"\bnamespace\b\s*([\w:]*)\s*(?:\[\[.*\]\])?\s*$")
TYPE = re.compile(r"^(?:template\s*<.*>\s*)?(?:enum\s+class|enum|class|struct|union)\s+(\w+)[^=()]*$")
ALIAS = re.compile(r"^using\s+(\w+)\s*=")
CONSTANT = re.compile(r"\b(k[A-Z]\w*)(?:\[\w*\])?\s*(?:=|$)")
FUNCTION = re.compile(r"^[^(]*?\b([A-Za-z_]\w*)\s*\(")
NOT_A_FUNCTION = re.compile(r"::\s*~?\w+\s*\(|^(?:using|static_assert|extern|#|UNMASK_)|\boperator\b|^[A-Z_]+\(")

# Constants that each file has for itself, such as the size of its buffer.
OF_EACH_FILE = {"kBufferBytes", "kUnits", "kWidth", "kLimit", "kLeast", "kNever", "kFlagColumn"}


def blanked(text):
    """`text` with strings and comments emptied, line breaks kept."""
    def blank(match):
        found = match[0]
        kept = "\n" * found.count("\n")
        return kept if found.startswith("/") else '""' + kept
    return STRINGS_AND_COMMENTS.sub(blank, text)


def statements(text):
    """(line, namespaces, head, has a body) of everything that stands in a namespace."""
    stack, head, line, begin = [], "", 1, 1
    depth = 0  # of braces and brackets that are no namespace
    body = False
    for part in re.split(r"([{};\n])", text):
        if part == "\n":
            line += 1
            head += " "
        elif part == "{":
            found = NAMESPACE.search(head.strip()) if depth == 0 else None
            if found:
                stack.append(found[1])
                head = ""
            else:
                depth += 1
                body = True
        elif part == "}":
            if depth > 0:
                depth -= 1
                if depth == 0 and not head.rstrip().endswith("=") and "=" not in head.split("(")[0]:
                    yield begin, tuple(stack), head.strip(), True
                    head, body = "", False
            elif stack:
                stack.pop()
                head = ""
        elif part == ";":
            if depth == 0:
                if head.strip():
                    yield begin, tuple(stack), head.strip(), body
                head, body = "", False
        elif depth == 0:
            if not head.strip():
                begin = line
            head += part
    return


def without_directives(text):
    return re.sub(r"^[ \t]*#(?:.*\\\n)*.*$", lambda m: "\n" * m[0].count("\n"), text, flags=re.M)


def names(path, source):
    """(kind, name, hidden, line, value) of what a file defines or declares in namespace unmask."""
    text = without_directives(blanked(source))
    raw = source.splitlines()
    for line, stack, head, body in statements(text):
        if not stack or stack[0] != "unmask":
            continue
        inside = [part for part in stack[1:] if part]
        if inside:
            continue  # a namespace of its own, such as utf8
        hidden = "" in stack
        head = re.sub(r"\[\[\w+\]\]", "", head).strip()
        if ALIAS.match(head):
            yield "type", ALIAS.match(head)[1], hidden, line, " ".join(head.split())
        elif TYPE.match(head) and body:
            yield "type", TYPE.match(head)[1], hidden, line, None
        elif re.match(r"(?:inline\s+)?(?:constexpr|const)\b", head) and CONSTANT.search(head):
            found = CONSTANT.search(head)
            value = raw[line - 1].split("//")[0].split("=")[-1].strip()
            yield "constant", found[1], hidden, line, value
        elif FUNCTION.match(head) and not NOT_A_FUNCTION.search(head):
            yield "function", FUNCTION.match(head)[1], hidden, line, None


def check(root):
    """Returns [(file, line, complaint)] for src/ and include/ under root."""
    known = defaultdict(list)
    for top in ("include", "src"):
        for file in sorted((root / top).rglob("*")):
            if file.suffix not in (".h", ".cpp"):
                continue
            path = file.relative_to(root).as_posix()
            for kind, name, hidden, line, value in names(path, file.read_text(encoding="utf-8")):
                known[name].append((path, line, kind, hidden, value))
    found = []
    for name, places in sorted(known.items()):
        types = [place for place in places if place[2] == "type"]
        shown_types = [place for place in types if not place[3]]
        aliases = len({place[4] for place in types}) == 1 and types and types[0][4]
        if shown_types and len(types) > 1 and not aliases:
            found += [(*place[:2], f"another type is called {name}") for place in types[1:]]
        shown = [place for place in places if place[2] == "function" and not place[3]]
        for place in places:
            if place[2] == "function" and place[3] and shown and place[0] not in {p[0] for p in shown}:
                found.append((*place[:2], f"{name} is also a function of {shown[0][0]}"))
        constants = [place for place in places if place[2] == "constant"]
        if name not in OF_EACH_FILE and len({place[4] for place in constants}) > 1:
            found += [(*place[:2], f"{name} has another value elsewhere") for place in constants[1:]]
    return found


def main():
    found = check(pathlib.Path(sys.argv[1]))
    for file, line, wrong in found:
        print(f"{file}:{line}: {wrong}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
