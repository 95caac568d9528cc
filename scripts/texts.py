"""From the token files of prepare.py to training rows: what is cut, how it is packed, and what is masked."""

import json
import pathlib

import numpy as np

PLAIN, HOLES, REPLY_TO, NEXT_BLOCK = range(4)  # how a segment is masked
BLOCKS, BLOCK_SHARES = (2, 4, 8, 16, 32), (0.1, 0.25, 0.3, 0.25, 0.1)  # block lengths of the block objective


class Texts:
    """The token files of prepare.py, and the segments cut from them."""

    def __init__(self, folder, name):
        folder = pathlib.Path(folder)
        self.meta = json.loads((folder / "meta.json").read_text())
        kinds, arrays = np.load(folder / "train.npz"), np.load(folder / name)
        names = ("word", "break", "stop", "quote", "point")
        self.word, self.line, self.stop, self.quote, self.point = (kinds[name] for name in names)
        self.parts = list(self.meta["shares"])
        self.shares = np.array(list(self.meta["shares"].values()))
        self.shares = self.shares / self.shares.sum()
        self.tokens = {p: arrays[f"{p}/tokens"].astype(np.int64) for p in self.parts}
        self.docs = {p: arrays[f"{p}/docs"] for p in self.parts}
        self.pick = {}  # stories are drawn by length, so that every sentence is seen equally often
        for part, docs in self.docs.items():
            weight = np.where(docs[:, 1] > 0, 1, docs[:, 2]).astype(float)
            self.pick[part] = np.cumsum(weight / weight.sum())

    def draw(self, rng, part):
        row = min(np.searchsorted(self.pick[part], rng.random()), len(self.docs[part]) - 1)
        start, prompt, text, _ = self.docs[part][row]
        ids = self.tokens[part][start : start + prompt + text]
        return ids[:prompt], ids[prompt:]

    def fit(self, text, canvas, rng, blocks=False):
        """The text cut to whole sentences on a canvas, with <end> behind it, seldom very many. Who writes in blocks does not see
        where the canvas ends, so there a text that is too long just breaks off."""
        if len(text) >= canvas:
            if blocks:
                return text[:canvas]
            text = text[: canvas - 1]
            ends = np.flatnonzero(self.sentence_ends(text)) + 1
            text = text[: ends[-1]] if len(ends) and ends[-1] > 4 else text
        else:
            canvas = len(text) + 1 + int((canvas - len(text) - 1) * rng.random() ** 3)
        return np.concatenate((text, np.full(canvas - len(text), self.meta["end"])))

    def sentence_ends(self, text):
        """True at the last token of each sentence; a closing quote belongs to it."""
        stop, quote = self.stop[text], self.quote[text]
        quote[1:] &= stop[:-1]
        quote[0] = False
        ends = stop | quote
        ends[:-1] &= ~quote[1:]
        return ends

    def sentence_start(self, text, rng):
        """0, or a place where a sentence begins."""
        places = np.flatnonzero((self.sentence_ends(text) | self.line[text])[:-1] & self.word[text[1:]]) + 1
        places = places[places < len(text) - 24]
        return int(rng.choice(places)) if len(places) else 0

    def segment(self, rng, part, room, blocks=False):
        """(ids, how many of them are known, how to mask the rest), at most `room` long."""
        prompt, text = self.draw(rng, part)
        end, reply = self.meta["end"], self.meta["reply"]
        if len(prompt):
            if len(prompt) + min(len(text), 24) + 1 > room:
                return None
            canvas = min(room - len(prompt), max(len(text) + 1, int(rng.integers(16, 130))))
            return np.concatenate((prompt, self.fit(text, canvas, rng, blocks))), len(prompt), self.reply_masking(rng)
        if rng.random() < 0.5:  # a story to go on with: the prompt is some of its words
            if rng.random() < 0.35:
                text = text[self.sentence_start(text, rng) :]
            words = np.flatnonzero(self.word[text])[1:]
            words = words[: max(1, room // 2)]
            if not len(words):
                return None
            few = rng.random() < 0.7
            n = min(int(rng.integers(1, 13) if few else rng.integers(8, 100)), len(words)) - 1
            cut = words[n]
            known, rest = text[:cut], text[cut:]
            if self.line[known[-1]]:
                known = known[:-1]
            elif self.point[known[-1]] and not self.stop[known[-1]] and len(known) > 1 and rng.random() < 0.6:
                # people leave out the comma; a text that starts with one has the bare word mark before it
                known, rest = known[:-1], np.concatenate(([self.meta["mark"]], text[cut - 1 :]))
            if len(known) + 25 > room:
                return None
            canvas = min(room - len(known) - 1, int(rng.integers(24, 224 if room <= 256 else 600)))
            ids = np.concatenate((known, [reply], self.fit(rest, canvas, rng, blocks)))
            return ids, len(known) + 1, self.reply_masking(rng)
        text = text[self.sentence_start(text, rng) if rng.random() < 0.7 else 0 :]
        text = np.concatenate(([end], text, [end])) if rng.random() < 0.5 else np.concatenate((text, [end]))
        length = min(len(text), room, int(rng.integers(48, max(room, 49) + 1)))
        return text[:length], 1, HOLES if rng.random() < 0.3 else PLAIN

    @staticmethod
    def reply_masking(rng):
        return NEXT_BLOCK if rng.random() < 0.25 else REPLY_TO

    def pack(self, rng, rows, length, blocks=False):
        """Rows filled with segments: ids, segment numbers, and of each segment (row, start, size, known, how to mask)."""
        ids = np.full((rows, length), self.meta["end"])
        owner = np.full((rows, length), -1)
        pieces = []
        for row in range(rows):
            at = 0
            while length - at >= 32:
                part = self.parts[rng.choice(len(self.parts), p=self.shares)]
                if length > 512 and at == 0 and rng.random() < 0.6:  # the long rows are there for the summaries
                    part = rng.choice([p for p in self.parts if p in ("snakes-summary", "snakes-paraphrase")] or [part])
                found = self.segment(rng, part, length - at, blocks)
                if found is None:
                    continue
                seg, known, how = found
                ids[row, at : at + len(seg)], owner[row, at : at + len(seg)] = seg, len(pieces)
                pieces.append((row, at, len(seg), known, how))
                at += len(seg)
        return ids, owner, pieces

    def batch(self, rng, rows, length, causal=False):
        """Rows of segments: ids, segment numbers, and where and how strongly they are masked."""
        ids, owner, pieces = self.pack(rng, rows, length)
        hidden, weight = np.zeros((rows, length), bool), np.zeros((rows, length), np.float32)
        levels = rng.permutation((rng.random() + np.arange(len(pieces))) / len(pieces) % 1) * 0.999 + 0.001
        for (row, at, size, known, how), t in zip(pieces, levels):
            free = size - known
            open_, scored = self.mask(rng, free, how, t) if not causal else (np.ones(free, bool),) * 2
            hidden[row, at + known : at + size] = open_
            weight[row, at + known : at + size] = scored / (t if how in (PLAIN, REPLY_TO) and not causal else 1)
        return ids, owner, hidden, weight

    def block_batch(self, rng, rows, length):
        """Like batch, for the block objective, and also the number of each position's block; what is known has negative ones."""
        ids, owner, pieces = self.pack(rng, rows, length, blocks=True)
        block = np.zeros((rows, length), np.int64)
        hidden, weight = np.zeros((rows, length), bool), np.zeros((rows, length), np.float32)
        for row, at, size, known, _ in pieces:
            here = slice(at, at + size)
            block[row, here] = (np.arange(size) - known) // rng.choice(BLOCKS, p=BLOCK_SHARES)
            hidden[row, here], weight[row, here] = mask_blocks(rng, block[row, here])
        return ids, owner, block, hidden, weight

    @staticmethod
    def mask(rng, free, how, t):
        """Which of the free positions are hidden, and which of those count in the loss."""
        if how == HOLES:
            open_ = np.zeros(free, bool)
            for _ in range(int(rng.integers(1, 4))):
                size = int(rng.integers(1, 33))
                start = int(rng.integers(0, max(1, free - size)))
                open_[start : start + size] = True
            return open_, open_
        open_ = rng.random(free) < t
        if how == NEXT_BLOCK:  # text so far, a block that is being written, nothing behind it
            start = int(rng.integers(0, free))
            open_[:start] = False
            open_[start + 32 :] = True
            scored = open_.copy()
            scored[start + 48 :] = False
            return open_, scored
        return open_, open_


def mask_blocks(rng, block):
    """What is to be predicted in blocks of number 0 or more, and the weights that make an upper bound of its losses. The first
    token of a block always is, from the text before it alone; of the others some are, every count from one to all being as likely."""
    hidden, weight = np.zeros(len(block), bool), np.zeros(len(block), np.float32)
    for number in range(block[-1] + 1):
        first, *others = np.flatnonzero(block == number)
        hidden[first], weight[first] = True, 1
        if others:
            count = int(rng.integers(1, len(others) + 1))
            some = rng.permutation(others)[:count]
            hidden[some], weight[some] = True, len(others) / count
    return hidden, weight


def held_out_rows(texts, part, length, limit, seed=7):
    """Held-out documents in rows of <end> and length - 1 tokens; prompts lead their texts and are not scored."""
    rows, known = [], []
    order = np.random.default_rng(seed).permutation(len(texts.docs[part]))
    for start, prompt, text, _ in texts.docs[part][order]:
        ids = texts.tokens[part][start : start + prompt + text]
        if prompt:
            if prompt + text + 1 > length:
                continue
            chunks = [np.concatenate((ids, [texts.meta["end"]]))]
        else:
            ids = np.concatenate((ids, [texts.meta["end"]]))
            chunks = [np.concatenate(([texts.meta["end"]], ids[i : i + length - 1])) for i in range(0, len(ids), length - 1)]
        for chunk in chunks:
            rows.append(chunk)
            known.append(prompt or 1)
        if sum(map(len, rows)) > limit:
            break
    return rows, known
