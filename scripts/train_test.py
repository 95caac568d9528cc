#!/usr/bin/env python3
"""Smoke test of prepare.py, train.py and export.py on a made-up corpus; needs torch for Python and about half a minute.

    python scripts/train_test.py

It is started by hand where train-requirements.txt is installed; nothing else in the project needs that.
"""

import json
import lzma
import pathlib
import random
import subprocess
import sys
import tempfile
import unittest

import numpy as np
import torch

import export
import train
from dream import Dream
from kneser_ney import KneserNey
from texts import Texts, mask_blocks

HERE = pathlib.Path(__file__).resolve().parent
WORDS = "cat dog hen fox boat tree moon road house little old red ran sat saw found gave said and then with under over".split()


def story(rng, sentences=14):
    lines = []
    for _ in range(sentences):
        lines.append(" ".join(["The"] + [rng.choice(WORDS) for _ in range(rng.randint(3, 9))]) + rng.choice(".!?"))
        lines.append(rng.choice([" ", " ", "\n\n"]))
    return "".join(lines).strip()


def made_up_corpus(folder):
    rng = random.Random(3)
    for part in ("storybooks", "fairytale-stories", "pd-fairytales", "snakes-story", "snakes-summary", "snakes-paraphrase",
                 "synthetic-persona-chat", "chatterbot", "snakes-joke", "snakes-poem"):  # fmt: skip
        (folder / part).mkdir()
        for split, count in (("train", 40), ("eval", 6)):
            with lzma.open(folder / part / f"{split}.jsonl.xz", "wt", encoding="utf-8") as out:
                for _ in range(count):
                    record = {"src": part, "task": "generated-child", "prompt": "Tell a tale called `A cat`.", "text": story(rng)}
                    if part in ("snakes-summary", "snakes-paraphrase"):
                        record.update(prompt="Describe this story:\n" + story(rng), text=story(rng, 4))
                    if part in ("synthetic-persona-chat", "chatterbot"):
                        record = {"src": part, "turns": [story(rng, 1) for _ in range(6)]}
                    out.write(json.dumps(record) + "\n")


def call(script, *args):
    done = subprocess.run([sys.executable, HERE / script, *map(str, args)], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(done.stderr)
    return done.stdout


class Training(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.held = tempfile.TemporaryDirectory()
        cls.root = pathlib.Path(cls.held.name)
        (cls.root / "corpus").mkdir()
        made_up_corpus(cls.root / "corpus")
        call("prepare.py", "--corpus", cls.root / "corpus", "--out", cls.root / "data", "--pieces", 340)
        cls.texts = Texts(cls.root / "data", "train.npz")

    @classmethod
    def tearDownClass(cls):
        cls.held.cleanup()

    def test_masks_stay_behind_reply(self):
        """Only what follows the last <reply> of a prompt is hidden, and only hidden tokens count."""
        end, reply = self.texts.meta["end"], self.texts.meta["reply"]
        rng = np.random.default_rng(1)
        for _ in range(30):
            ids, owner, hidden, weight = self.texts.batch(rng, 4, 256)
            self.assertTrue(((weight > 0) <= hidden).all())
            for row in range(4):
                for one in set(owner[row]) - {-1}:
                    places = np.flatnonzero(owner[row] == one)
                    marks = np.flatnonzero(ids[row, places] == reply)
                    if len(marks):
                        self.assertFalse(hidden[row, places[: marks[-1] + 1]].any())
                        self.assertEqual(ids[row, places[-1]], end)
            self.assertFalse(hidden[owner == -1].any())

    def test_levels_are_spread(self):
        """The masking ratios of a batch cover (0, 1), so half of the text is hidden on average."""
        rng = np.random.default_rng(2)
        share = [self.texts.batch(rng, 8, 256)[2].mean() for _ in range(40)]
        self.assertGreater(np.mean(share), 0.3)
        self.assertLess(np.mean(share), 0.65)

    def test_train_resume_decay_export_sample(self):
        small = ["--width", 32, "--heads", 2, "--layers", 2, "--inner", 64, "--rows", 4, "--no-compile", "--device", "cpu"]
        where = ["--data", self.root / "data", "--state", self.root / "state"]
        call("train.py", *where, *small, "--minutes", 0.08)
        first = torch.load(self.root / "state/state.pt", weights_only=True)["done"]
        out = call("train.py", *where, *small, "--minutes", 0.08, "--decay-minutes", 0.06)
        last = torch.load(self.root / "state/state.pt", weights_only=True)["done"]
        self.assertGreater(last["step"], first["step"])
        self.assertLess(last["scale"], 0.2)
        self.assertTrue((self.root / "state/state-before-decay.pt").exists())
        log = [json.loads(line) for line in out.splitlines()]
        bits = [line["held_out"]["snakes-story"][0] for line in log if "held_out" in line]
        self.assertLess(bits[0], 8)

        folder = self.root / "folder"
        call("export.py", "write", "--data", self.root / "data", "--state", self.root / "state/state.pt", "--out", folder)
        model, sp, config, choices = export.load(folder)
        self.assertEqual(config["model_type"], "Dream")
        text = "The cat.\n\nThe dog\nran <mask>."
        self.assertEqual(sp.decode(sp.encode(text)), text)
        self.assertNotIn(config["mask_token_id"], sp.encode(text))
        choices.update(max_new_tokens=24, steps=8, block_length=8)
        ids = sp.encode("The cat") + [sp.piece_to_id("<reply>")]
        new = export.generate(model, ids, config, choices, torch.Generator().manual_seed(1))
        self.assertEqual(len(new), 24)
        again = export.generate(model, ids, config, choices, torch.Generator().manual_seed(1))
        self.assertEqual(new, again)

    def test_autoregressive_sees_only_the_past(self):
        model = Dream(64, 32, 2, 2, 64).eval()
        ids = np.random.default_rng(3).integers(0, 64, (1, 16))
        owner, hidden = np.zeros((1, 16), int), np.ones((1, 16), bool)
        cpu = torch.device("cpu")
        arguments = (owner, hidden, hidden.astype(np.float32), 2, cpu, train.precision_of(cpu), True)
        one, _ = train.losses(model, ids, *arguments)
        ids[0, -1] = (ids[0, -1] + 1) % 64
        two, _ = train.losses(model, ids, *arguments)
        self.assertTrue(torch.equal(one[:-1], two[:-1]))
        self.assertFalse(torch.equal(one[-1], two[-1]))

    def test_blocks_of_one_are_autoregressive(self):
        """The row beside its masked copy gives what the row alone gives under a causal mask, so no copy looks at what it is to say."""
        model = Dream(64, 32, 2, 2, 64).eval()
        ids = np.random.default_rng(3).integers(0, 64, (2, 16))
        owner = np.repeat([[0] * 9 + [1] * 7, [2] * 12 + [-1] * 4], 1, axis=0)
        known = {0: 2, 1: 3, 2: 1}
        block = np.concatenate([[np.concatenate([np.arange((row == one).sum()) - known.get(one, 9) for one in dict.fromkeys(row)])]
                                for row in owner.tolist() for row in [np.array(row)]])  # fmt: skip
        hidden = (owner >= 0) & (block >= 0)
        cpu = torch.device("cpu")
        common = (2, cpu, train.precision_of(cpu))
        plain = torch.tensor(hidden.astype(np.float32))
        in_blocks, _ = train.block_losses(model, ids, owner, block, hidden, plain.numpy(), *common)
        causal, _ = train.losses(model, ids, owner, hidden, plain.numpy(), *common, True)
        torch.testing.assert_close(in_blocks, causal, rtol=2e-2, atol=2e-2)

    def test_block_sees_itself_and_what_is_before(self):
        model = Dream(64, 32, 2, 2, 64).eval()
        ids = np.random.default_rng(4).integers(0, 63, (1, 16))
        owner, block = np.zeros((1, 16), int), (np.arange(16)[None] - 4) // 4
        hidden = np.isin(np.arange(16), (9, 13))[None]
        cpu = torch.device("cpu")

        def loss_of_9(**changed):
            some = ids.copy()
            for place in changed.values():
                some[0, place] += 1
            return float(train.block_losses(model, some, owner, block, hidden, hidden.astype(np.float32), 2, cpu,
                                            train.precision_of(cpu))[0][0])  # fmt: skip

        self.assertEqual(loss_of_9(), loss_of_9(behind=12))
        for before in (1, 7, 8, 10, 11):  # the prompt, the block before, and its own on both sides
            self.assertNotEqual(loss_of_9(), loss_of_9(before=before))

    def test_counts_of_hidden_tokens_are_even(self):
        rng, block = np.random.default_rng(5), np.repeat([-1, 0, 1], (3, 4, 2))
        counts = np.zeros(3, int)
        for _ in range(400):
            hidden, weight = mask_blocks(rng, block)
            self.assertFalse(hidden[:3].any())
            self.assertTrue(((weight > 0) == hidden).all())
            self.assertTrue(hidden[[3, 7, 8]].all())
            self.assertAlmostEqual(weight[3:7].sum(), 4, places=5)
            self.assertAlmostEqual(weight[7:].sum(), 2)
            counts[hidden[4:7].sum() - 1] += 1
        self.assertTrue((np.abs(counts - 133) < 50).all())

    def test_twin_survives_rounding(self):
        """A matrix in int8 with a scale for each row is within half a step of that row."""
        matrix = torch.randn(5, 40, generator=torch.Generator().manual_seed(4)) * torch.tensor([[0.01], [1], [9], [0.3], [2]])
        whole, scale = export.rounded(matrix)
        self.assertTrue(((whole * scale[:, None] - matrix).abs() <= scale[:, None] / 2 + 1e-7).all())
        self.assertTrue((whole.abs().amax(-1) == 127).all())


class Ngrams(unittest.TestCase):
    def setUp(self):
        rng = np.random.default_rng(5)
        self.documents = [rng.integers(0, 7, rng.integers(3, 40)) for _ in range(100)]
        self.ngrams = KneserNey(7, order=3).fit(self.documents)

    def test_probabilities_sum_to_one(self):
        for context in ([], [3], [1, 2], [6, 6, 6, 6]):
            rows = [np.array([*context, token]) for token in range(7)]
            self.assertAlmostEqual(sum(self.ngrams.probabilities(row)[-1] for row in rows), 1)

    def test_bigram_by_hand(self):
        """One document, 0 1 0 2: the discounted counts of an order-2 model, worked out on paper."""
        ngrams = KneserNey(3, order=2).fit([np.array([0, 1, 0, 2])])
        # All bigrams occur once: (lead, 0), (0, 1), (1, 0), (0, 2). With n1 = 4, n2 = 0 (counted as 1), y = 4 / 6.
        y = 4 / 6
        discount = 1 - 2 * y * 1 / 4
        # Continuation counts of 0, 1, 2: 2, 1, 1; with n1 = 2, n2 = 1, y = 2 / 4; n3 = 0 counts as 1.
        y = 2 / 4
        first, second = 1 - 2 * y * 1 / 2, 2 - 3 * y * 1 / 1
        freed = second + 2 * first
        one = (1 - first + freed / 3) / 4
        self.assertAlmostEqual(ngrams.probabilities(np.array([0, 1]))[1], (1 - discount + 2 * discount * one) / 2)

    def test_what_was_seen_is_likelier(self):
        seen = np.mean([np.log(self.ngrams.probabilities(d)).mean() for d in self.documents])
        rng = np.random.default_rng(6)
        other = np.mean([np.log(self.ngrams.probabilities(rng.integers(0, 7, 20))).mean() for _ in range(50)])
        self.assertGreater(seen, other + 0.1)


if __name__ == "__main__":
    unittest.main()
