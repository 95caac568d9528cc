#!/usr/bin/env python3
"""Turn the corpus into a tokenizer and token files for train.py.

    scripts/prepare.py --corpus ../shared/corpus --out ~/unmask-train/data

writes tokenizer.model, train.npz, heldout.npz and meta.json. Everything later steps need is in these
four files. The corpus is a folder per part, each with train.jsonl.xz and eval.jsonl.xz; the eval
split goes into heldout.npz only.

A document is a prompt (possibly empty) and a text. Prompts are what a user would have typed; train.py
never masks them. Stories have no prompt here: train.py cuts them anew each time they are drawn.
"""

import argparse
import json
import lzma
import os
import pathlib
import random
import re
import shutil

import numpy as np
import sentencepiece

END, MASK, REPLY = 1, 2, 3  # ids of the special pieces; 0 is <unk>
PARAGRAPH, LINE = "\u2029", "\u2028"

STORY_TASKS = {"generated-child", "generated-bedtime", "llama-stories", "llama-slice-of-life"}
SUMMARY_REQUESTS = [
    "Summarise this story in one sentence.", "Summarize this story in one sentence.", "Summarise this story.",
    "Summarize this.", "Summarise this text in a sentence or two.", "Write a short summary.",
    "What is this story about?", "Tell me briefly what happens.", "Shorten this story.", "Sum it up.",
]  # fmt: skip
RETELLING_REQUESTS = [
    "Retell this story in a few sentences.", "Retell this story.", "Tell this story in your own words.",
    "Paraphrase this story.", "Rewrite this story.", "Say it again in other words.",
]  # fmt: skip
MARKDOWN = re.compile(r"^\s*(#|[-*+] |\d+[.)] |\||```)|\*\*|__|^\s*\[", re.M)


def tidy(text):
    """One spelling of white space, so that only meaningful line breaks are left."""
    text = re.sub(r"[ \t]+", " ", text.replace("\r", ""))
    text = re.sub(r" *\n *", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def prose(text):
    """The text without a title line in bold, or None where it looks like Markdown or stage directions."""
    text = tidy(re.sub(r"\A\s*(\*\*[^*\n]+\*\*|#+ [^\n]+)\s*\n", "", text))
    if MARKDOWN.search(text) or text.startswith("(") or "`" in text or len(text) < 80:
        return None
    return text


def plain_story(record, rng):
    text = record["text"]
    if record["src"] == "fairytale-stories":  # sections are joined by two spaces; some clitics stand apart
        text = re.sub(r" {2,}", "\n\n", text)
        text = re.sub(r" ('s|'ll|'re|'ve|'d|'m|n't)\b", r"\1", text)
        text = re.sub(r" ([,.;:!?])", r"\1", text)
    if record["src"] == "storybooks":  # credits at the end
        text = "\n".join(line for line in text.split("\n") if not line.startswith("* "))
    if record["src"] == "snakes-story" and record["task"] not in STORY_TASKS:
        return
    text = prose(text)
    if text:
        yield [], text


def child_story(record, rng):
    """The simplest third of the stories again, as a part of its own: a small model should meet these most often."""
    if record["task"] == "generated-child":
        yield from plain_story(record, rng)


def titled_story(record, rng):
    if record["src"] == "snakes-story" and record["task"] not in STORY_TASKS:
        return
    text = prose(record["text"])
    if text:
        request = re.sub(r"\.?`\.?", '"', record["prompt"])
        title = re.search(r'"([^"]+)"', request)
        if title and rng.random() < 0.4:
            title = re.sub(r"^(The|A|An) ", lambda first: first.group().lower(), title.group(1))
            request = f"Tell me a story about {title}."
        yield [request], text


def retelling(record, rng):
    """A request and a story, in either order, with the blank line that the command puts between them."""
    request, _, story = record["prompt"].partition("\n")
    text, story = prose(record["text"]), prose(story)
    if not text or not story:
        return
    own = SUMMARY_REQUESTS if record["src"] == "snakes-summary" else RETELLING_REQUESTS
    for story_first in (True, True, False):
        asked = rng.choice([request.rstrip(":") + ".", rng.choice(own), rng.choice(own)])
        yield [f"{story}\n\n{asked}" if story_first else f"{asked}\n\n{story}"], text


def retold_story(record, rng):
    story = prose(record["prompt"].partition("\n")[2])
    if story:
        yield [], story


def dialogue(record, rng):
    """Each line answers the one before it; sometimes an earlier exchange is part of the prompt."""
    turns = [tidy(turn) for turn in record["turns"]]
    for i in range(1, len(turns)):
        said = turns[i - 1 : i + 1]
        if not all(said) or len(turns[i]) > 400 or any(c in turn for turn in said for c in "`[]"):  # "[user 2's name]"
            continue
        yield turns[i - 3 : i] if i >= 3 and rng.random() < 0.25 else [turns[i - 1]], turns[i]


def request(record, rng):
    text = tidy(record["text"])
    if len(text) < 700 and not MARKDOWN.search(text):
        yield [tidy(record["prompt"])], text


# part: (folder, share of the segments that train.py draws, what makes documents of a record)
PARTS = {
    "snakes-story": ("snakes-story", 0.22, plain_story),
    "child-story": ("snakes-story", 0.14, child_story),
    "retold-story": ("snakes-summary", 0.08, retold_story),
    "storybooks": ("storybooks", 0.12, plain_story),
    "fairytale-stories": ("fairytale-stories", 0.06, plain_story),
    "pd-fairytales": ("pd-fairytales", 0.02, plain_story),
    "titled-story": ("snakes-story", 0.05, titled_story),
    "snakes-summary": ("snakes-summary", 0.07, retelling),
    "snakes-paraphrase": ("snakes-paraphrase", 0.02, retelling),
    "synthetic-persona-chat": ("synthetic-persona-chat", 0.14, dialogue),
    "chatterbot": ("chatterbot", 0.05, dialogue),
    "snakes-joke": ("snakes-joke", 0.01, request),
    "snakes-poem": ("snakes-poem", 0.02, request),
}
AGAIN = ("child-story", "titled-story")  # made of records that another part has too


def documents(corpus, part, split, seed):
    folder, _, make = PARTS[part]
    rng = random.Random(f"{seed} {part} {split}")
    with lzma.open(corpus / folder / f"{split}.jsonl.xz", "rt", encoding="utf-8") as lines:
        for line in lines:
            yield from make(json.loads(line), rng)


def code_points(text):
    return " ".join(f"{ord(c):X}" for c in text)


def train_tokenizer(texts, out, pieces):
    """A BPE model in which a line break is one piece and what follows it starts with the word mark.

    The normaliser writes a blank line as U+2029 and a line break as U+2028, each with a space behind it, and
    the denormaliser takes both back, so that any sentencepiece encodes and decodes this without further code.
    """
    rules = [("\n\n", PARAGRAPH + " "), ("\n", LINE + " ")]
    back = [(PARAGRAPH + " ", "\n\n"), (LINE + " ", "\n"), (PARAGRAPH, "\n\n"), (LINE, "\n")]
    for name, pairs in (("normal.tsv", rules), ("back.tsv", back)):
        lines = [f"{code_points(a)}\t{code_points(b)}\n" for a, b in pairs]
        (out / name).write_text("".join(lines), encoding="utf-8")
    os.chdir(out)  # the model file keeps the names it was made with
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=(line for text in texts for line in text.split("\n") if line),
        model_prefix="tokenizer", model_type="bpe", vocab_size=pieces, byte_fallback=True,
        normalization_rule_tsv="normal.tsv", denormalization_rule_tsv="back.tsv",
        remove_extra_whitespaces=False, split_digits=True, character_coverage=0.9999,
        required_chars=PARAGRAPH + LINE, max_sentence_length=100000, num_threads=2, minloglevel=1,
        unk_id=0, unk_piece="<unk>", eos_id=END, eos_piece="<end>", bos_id=-1, pad_id=-1,
        control_symbols="<mask>,<reply>",
    )  # fmt: skip
    (out / "tokenizer.vocab").unlink()
    return sentencepiece.SentencePieceProcessor(model_file=str(out / "tokenizer.model"))


def encode_part(sp, docs):
    """Token ids in one array and a table of rows (start, prompt length, text length, bytes of the text)."""
    tokens, table, start = [], [], 0
    for turns, text in docs:
        prompt = []
        for i, turn in enumerate(turns):
            prompt += sp.encode(turn) + [REPLY if i % 2 == 0 else END]
        ids = sp.encode(text)
        if turns and len(prompt) + len(ids) > 1000:
            continue
        tokens.append(np.array(prompt + ids, np.uint16))
        table.append((start, len(prompt), len(ids), len(text.encode())))
        start += len(prompt) + len(ids)
    return np.concatenate(tokens), np.array(table, np.int64)


def piece_kinds(sp):
    """For each id: does it begin a word, is it a line break, may a sentence end with it, is it punctuation."""
    pieces = [sp.id_to_piece(i) for i in range(sp.get_piece_size())]
    return {
        "word": np.array([p.startswith("\u2581") for p in pieces]),
        "break": np.array([p in (PARAGRAPH, LINE) for p in pieces]),
        "stop": np.array([re.search(r"""[.!?]["')]?$""", p) is not None for p in pieces]),
        "quote": np.array([p in ('"', "'", ")") for p in pieces]),
        "point": np.array([re.fullmatch(r"[^\w\s\u2581<>]+", p) is not None for p in pieces]),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--corpus", type=pathlib.Path, default=pathlib.Path("../shared/corpus"))
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--pieces", type=int, default=6144)
    parser.add_argument("--tokenizer", type=pathlib.Path, help="keep this one instead of making one")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    args.out = args.out.resolve()
    args.out.mkdir(parents=True, exist_ok=True)

    docs = {(p, s): list(documents(args.corpus, p, s, args.seed)) for p in PARTS for s in ("train", "eval")}
    sample = [text for p in PARTS if p not in AGAIN for _, text in docs[p, "train"]]
    sample += [p[0].rsplit("\n\n", 1)[-1] for p, _ in docs["snakes-summary", "train"]]
    if args.tokenizer:  # what was trained with it can go on
        shutil.copyfile(args.tokenizer, args.out / "tokenizer.model")
        sp = sentencepiece.SentencePieceProcessor(model_file=str(args.tokenizer))
    else:
        sp = train_tokenizer(sample, args.out, args.pieces)

    lossy = [t for d in docs.values() for _, t in d if sp.decode(sp.encode(t)) != t]
    if lossy:
        raise SystemExit(f"{len(lossy)} texts do not survive the tokenizer, the first: {lossy[0][:200]!r}")
    for split, name in (("train", "train.npz"), ("eval", "heldout.npz")):
        arrays = dict(piece_kinds(sp)) if split == "train" else {}
        for part in PARTS:
            tokens, table = encode_part(sp, docs[part, split])
            arrays[f"{part}/tokens"], arrays[f"{part}/docs"] = tokens, table
            per_token = table[:, 3].sum() / table[:, 2].sum()
            print(f"{split:5} {part:24} {len(table):6} documents {len(tokens):9} tokens {per_token:5.2f} bytes/token "
                  f"median length {int(np.median(table[:, 1] + table[:, 2]))}")  # fmt: skip
        np.savez(args.out / name, **arrays)
    meta = {"vocab_size": sp.get_piece_size(), "end": END, "mask": MASK, "reply": REPLY, "mark": sp.piece_to_id("\u2581"),
            "shares": {part: share for part, (_, share, _) in PARTS.items()}}  # fmt: skip
    (args.out / "meta.json").write_text(json.dumps(meta, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
