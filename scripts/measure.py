#!/usr/bin/env python3
"""Measure the default model: how well it predicts, against two yardsticks, and what it writes at which settings.

    scripts/measure.py bits --data DATA --model models/llama-unmask-8m
    ninja -C build bench_decoding
    scripts/measure.py quality --data DATA --model models/llama-unmask-8m --settings scripts/settings/steps.txt --plot docs/steps.svg

`bits` prints bits per byte of held-out text: of the diffusion model upper bounds (its loss, with the Monte-Carlo error), for a
canvas that is seen whole and for blocks written from left to right; of the autoregressive twin and of a 5-gram model with
modified Kneser-Ney discounts, which is made anew from the token files, exactly.
`quality` lets the decoder write for the same held-out openings with different settings, and prints a table and makes a plot. Its
figures: forward passes and tokens per text; tokens per second of decoding; bits per byte of the text under the twin, which has never
seen how it was decoded; the share of tokens that the twin holds for all but impossible, which is where a text breaks; the share of
words that the training text has; different trigrams per trigram over all texts; the share of trigrams that a text repeats from itself;
how many texts end by themselves. The first row is what people wrote after these openings: fewer bits than theirs are no better text,
but a duller one.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import re
import subprocess
import tempfile

import numpy as np
import torch

from export import load, load_twin
from kneser_ney import KneserNey
from texts import Texts, held_out_rows
from train import held_out, precision_of

AGAIN = ("retold-story", "titled-story", "child-story")  # parts whose held-out texts another part has too
LONG = ("snakes-summary", "snakes-paraphrase")
IMPOSSIBLE = 1e-4  # probability under the twin below which a token counts as odd
NOT_THEIRS = ("forwards", "tokens per forward", "tokens per second")  # figures that say nothing about people


def documents(texts):
    for part in texts.parts:
        if part in AGAIN:
            continue
        for start, prompt, text, _ in texts.docs[part]:
            yield np.concatenate((texts.tokens[part][start : start + prompt + text], [texts.meta["end"]]))


def ngram_bits(ngrams, texts, part, length, limit):
    """Over the same tokens as the networks: chunks of `length`, each with nothing before it but <end>."""
    rows, known = held_out_rows(texts, part, length, limit)
    nats = -sum(np.log(ngrams.probabilities(row)[k:]).sum() for row, k in zip(rows, known))
    scored = sum(len(row) - k for row, k in zip(rows, known))
    docs = texts.docs[part]
    return nats / scored * docs[:, 2].sum() / docs[:, 3].sum() / np.log(2)


def bits(args):
    torch.set_num_threads(args.threads)
    model, twin = load(args.model)[0], load_twin(args.scorer)
    seen, unseen, device = Texts(args.data, "train.npz"), Texts(args.data, "heldout.npz"), torch.device("cpu")
    precision = precision_of(device)
    ngrams = KneserNey(seen.meta["vocab_size"]).fit(list(documents(seen)))
    blocks = args.blocks or [0]
    names = [f"blocks of {block}" if block else "whole canvas" for block in blocks]
    print("| part | tokens | " + " | ".join(names) + " | twin | 5-gram | best / 5-gram | best / twin |")
    print("|---|---:|" + "---:|" * len(names) + "---:|---:|---:|---:|")
    for part in unseen.parts:
        if part in AGAIN:
            continue
        length = 1024 if part in LONG else 256
        limit = args.tokens * (2 if part in LONG else 1)
        ours = [held_out(model, unseen, part, device, precision, length, limit, args.draws, block=block) for block in blocks]
        best, scored = min(bits for bits, _, _, _ in ours), ours[0][3]
        exact = held_out(twin, unseen, part, device, precision, length, limit, causal=True)[0]
        counted = ngram_bits(ngrams, unseen, part, length, limit)
        cells = " | ".join(f"{bits:.3f} ± {error:.3f}" for bits, error, _, _ in ours)
        print(f"| {part} | {scored:,} | {cells} | {exact:.3f} | {counted:.3f} | {best / counted:.2f} | {best / exact:.2f} |", flush=True)


class Scorer:
    """The figures of one setting's texts."""

    def __init__(self, args):
        self.twin = load_twin(args.scorer)
        _, self.sp, config, _ = load(args.model)
        self.end, self.reply = config["eos_token_id"], self.sp.piece_to_id("<reply>")
        texts = Texts(args.data, "train.npz")
        pieces = (self.sp.decode(texts.tokens[part].tolist()) for part in texts.parts if part not in AGAIN)
        self.words = {word for text in pieces for word in re.findall(r"[a-z']+", text.lower())}

    @torch.no_grad()
    def nats(self, prompt, ids):
        """Of each token of a text behind its prompt. The twin reads a story as one text: no <reply> comes between them."""
        row = [self.end, *prompt, *ids]
        x = torch.tensor([row])
        visible = torch.ones(1, 1, len(row), len(row), dtype=torch.bool).tril()
        logits = self.twin.logits(self.twin(x, visible))[0, :-1]
        losses = torch.nn.functional.cross_entropy(logits, x[0, 1:], reduction="none")
        return losses[len(row) - 1 - len(ids) :]

    def figures(self, prompts, answers):
        nats = odd = size = tokens = known = words = trigrams = repeats = ended = 0
        different = set()
        for answer in answers:
            ids = answer["ids"]
            ended += self.end in ids
            ids = ids[: ids.index(self.end)] if self.end in ids else ids
            text = self.sp.decode(ids)
            each = self.nats(prompts[answer["prompt"]], ids)
            nats += float(each.sum())
            odd += int((each > -np.log(IMPOSSIBLE)).sum())
            size += len(text.encode())
            tokens += len(ids)
            spoken = re.findall(r"[a-z']+", text.lower())
            words += len(spoken)
            known += sum(word in self.words for word in spoken)
            own = collections.Counter(zip(spoken, spoken[1:], spoken[2:]))
            trigrams += own.total()
            repeats += own.total() - len(own)
            different.update(own)
        texts, forwards = len(answers), sum(answer["forwards"] for answer in answers)
        seconds = sum(answer["seconds"] for answer in answers)
        return {"forwards": forwards / texts, "tokens": tokens / texts, "tokens per forward": tokens / max(1, forwards),
                "tokens per second": tokens / max(1e-9, seconds),
                "bits per byte": nats / np.log(2) / max(1, size), "odd": odd / max(1, tokens), "known words": known / max(1, words),
                "distinct-3": len(different) / max(1, trigrams), "repeated": repeats / max(1, trigrams),
                "ended": ended / texts}  # fmt: skip


def openings(args, scorer, count, seed=5):
    """Prompts, the first two to nine words of different held-out stories, and what follows there, 64 tokens at most; as ids."""
    texts, rng = Texts(args.data, "heldout.npz"), np.random.default_rng(seed)
    stories = [(part, row) for part in ("snakes-story", "storybooks") for row in range(len(texts.docs[part]))]
    if count > len(stories):
        raise SystemExit(f"{count} prompts are more than the {len(stories)} held-out stories")
    prompts, written = [], []
    for choice in rng.permutation(len(stories))[:count]:
        part, row = stories[choice]
        start, _, text, _ = texts.docs[part][row]
        ids = texts.tokens[part][start : start + text].tolist()
        words = " ".join(scorer.sp.decode(ids[:60]).split()[: int(rng.integers(2, 10))])
        prompts.append(scorer.sp.encode(words))
        written.append(ids[len(prompts[-1]) :][:64])
    return prompts, written


def decode(args, scorer, prompts):
    """What bench_decoding writes: a setting's name and its result objects, in the order of the settings file."""
    settings = args.settings.read_text().splitlines()

    def run(setting):
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder, "setting.txt")
            file.write_text(setting + "\n")
            command = [args.bench, args.model, texts, file, args.threads]
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"{setting}: {done.stderr.strip()}")
        return setting.split("\t")[0], [json.loads(line) for line in done.stdout.splitlines()]

    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        texts = pathlib.Path(folder, "prompts.txt")
        texts.write_text("".join(" ".join(map(str, [*ids, scorer.reply])) + "\n" for ids in prompts))
        yield from pool.map(run, settings)


def quality(args):
    torch.set_num_threads(args.threads)
    scorer = Scorer(args)
    prompts, written = openings(args, scorer, args.prompts)
    people = [{"prompt": i, "ids": ids, "forwards": 0, "seconds": 0} for i, ids in enumerate(written)]
    theirs = scorer.figures(prompts, people)
    print("| setting | " + " | ".join(theirs) + " |")
    print("|---|" + "---:|" * len(theirs))
    shown = [f"{value:.3g}" if name not in NOT_THEIRS else "" for name, value in theirs.items()]
    print("| (people) | " + " | ".join(shown) + " |")
    rows = []
    for name, answers in decode(args, scorer, prompts):
        rows.append((name, scorer.figures(prompts, answers)))
        print(f"| {name} | " + " | ".join(f"{value:.3g}" for value in rows[-1][1].values()) + " |", flush=True)
    plot(rows, theirs, args.plot)


def front(points):
    """Those that no other one beats in both coordinates; less is better."""
    best = []
    for x, y in sorted(points):
        if not best or y < best[-1][1]:
            best.append((x, y))
    return best


def plot(rows, theirs, path):
    """What a text costs, how even it is, and where it breaks; the fronts are of the settings that none beats in both axes."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "unmask"
    from matplotlib import pyplot, ticker

    kinds = list(dict.fromkeys(name.split(":")[0] for name, _ in rows))
    figure, panels = pyplot.subplots(1, 3, figsize=(17, 6))
    for axes, (across, up) in zip(panels, (("forwards", "bits per byte"), ("forwards", "odd"), ("distinct-3", "odd"))):
        for i, kind in enumerate(kinds):
            where = sorted((row[across], row[up]) for name, row in rows if name.split(":")[0] == kind)
            axes.plot(*zip(*where), marker="os^vD*P"[i % 7], linewidth=0.7, markersize=5, color=pyplot.cm.tab20(i % 20), label=kind)
        axes.axhline(theirs[up], color="black", linewidth=0.8, linestyle=":", label="people")
        axes.grid(alpha=0.3)
        if across == "forwards":
            axes.set(xscale="log", xlabel="forward passes per text")
            axes.xaxis.set_major_locator(ticker.LogLocator(2))
            axes.xaxis.set_major_formatter(ticker.ScalarFormatter())
            axes.minorticks_off()
        else:
            axes.axvline(theirs[across], color="black", linewidth=0.8, linestyle=":")
            axes.set(xlabel="different trigrams per trigram, over all texts")
        if up == "odd":
            sign = 1 if across == "forwards" else -1
            best = front([(sign * row[across], row[up]) for _, row in rows])
            axes.step(*zip(*((sign * x, y) for x, y in best)), where="post", color="grey", linewidth=3, alpha=0.3, label="front")
            axes.set(yscale="log", ylabel="share of tokens that the twin holds for all but impossible")
        else:
            axes.set(ylabel="bits per byte under the twin")
    panels[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=8)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    here = pathlib.Path(__file__).resolve().parent.parent
    for run in (bits, quality):
        one = commands.add_parser(run.__name__)
        one.add_argument("--data", type=pathlib.Path, required=True, help="folder written by prepare.py")
        one.add_argument("--model", type=pathlib.Path, required=True)
        one.add_argument("--scorer", type=pathlib.Path, default=here / "tests/scorer", help="the autoregressive twin")
        one.add_argument("--threads", type=int, default=2)
        one.set_defaults(run=run)
        if run is bits:
            one.add_argument("--tokens", type=int, default=30000, help="of each part")
            one.add_argument("--draws", type=int, default=8, help="of the masking")
            one.add_argument("--blocks", type=int, nargs="*", help="block lengths; 0, the default: the whole canvas")
        else:
            one.add_argument("--bench", type=pathlib.Path, default=here / "build/bench_decoding")
            one.add_argument("--settings", type=pathlib.Path, required=True, help="see tests/bench/decoding_bench.cpp")
            one.add_argument("--prompts", type=int, default=200)
            one.add_argument("--jobs", type=int, default=1, help="settings at a time, each with so many threads")
            one.add_argument("--plot", type=pathlib.Path, required=True, help="an .svg file")
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
