#!/usr/bin/env python3
"""Train a small masked-diffusion language model with the arithmetic of Dream.

    scripts/prepare.py --corpus ../shared/corpus --out DATA
    scripts/train.py --data DATA --state STATE --minutes 60
    scripts/train.py --data DATA --state STATE --minutes 25 --decay-minutes 25
    scripts/export.py --data DATA --state STATE --out models/llama-unmask-8m

The network is in dream.py; the logits at position i predict token i + 1. The rows are made in texts.py.

A training row is filled with segments that do not see each other. A segment is what the tool will have before it: a prompt,
<reply>, and a canvas. The text on the canvas ends with the last sentence that fits, and <end> fills the rest. Some
segments are plain text without <reply>, and some of those have a few long holes instead of scattered ones. Prompts are never
masked. Rows are 256 tokens long; every few steps a batch of rows of 1,024 makes room for a story with its summary.

With --block-share some steps are on text that is written in blocks from left to right, each of which sees what stands before
it and itself but nothing behind. One network then does both: it writes in blocks of any length, and fills holes from both sides.

Training can be stopped at any time (SIGINT, SIGTERM) and goes on from STATE/state.pt. Each call is one segment of --minutes. In
the last --decay-minutes of it the learning rate falls to zero; the state before that is kept as
STATE/state-before-decay.pt, and a later run goes on from there with --resume. Where no state is left, --start goes on from
the weights of a checkpoint folder alone; the optimisers begin anew.

On a CPU an allocator that keeps freed memory trains half as fast again; Debian has one in libjemalloc2:

    LD_PRELOAD=libjemalloc.so.2 MALLOC_CONF=dirty_decay_ms:-1,muzzy_decay_ms:-1,oversize_threshold:0 scripts/train.py ...

So set it gives nothing back: with --block-share it has taken 24 GB after half an hour. Shorter calls, or a longer
dirty_decay_ms than the default instead of -1, keep it in bounds.
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
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import nn

from dream import Dream
from texts import Texts, held_out_rows, mask_blocks


@torch.no_grad()
def held_out(model, texts, part, device, precision, length=256, limit=16000, draws=1, causal=False, seed=7, block=0):
    """(bits per byte, Monte-Carlo error, nats per token, tokens scored): an upper bound for masked models, exact for causal.
    With `block`, the bound of writing in blocks of that length, each seeing the text before it and itself."""
    rows, known = held_out_rows(texts, part, length, limit, seed)
    docs = texts.docs[part]
    tokens_per_byte = docs[:, 2].sum() / docs[:, 3].sum()
    scored = sum(len(r) - k for r, k in zip(rows, known))
    rng, sums = np.random.default_rng(seed), []
    for _ in range(1 if causal else draws):
        levels = rng.permutation((rng.random() + np.arange(len(rows))) / len(rows) % 1) * 0.999 + 0.001
        total = 0.0
        for at in range(0, len(rows), 8):
            some = range(at, min(at + 8, len(rows)))
            ids, owner = np.full((len(some), length), texts.meta["end"]), np.full((len(some), length), -1)
            hidden, weight = np.zeros(ids.shape, bool), np.zeros(ids.shape, np.float32)
            blocks = np.zeros(ids.shape, np.int64)
            for k, i in enumerate(some):
                n = len(rows[i])
                ids[k, :n], owner[k, :n] = rows[i], 0
                if block:
                    blocks[k, :n] = (np.arange(n) - known[i]) // block
                    hidden[k, :n], weight[k, :n] = mask_blocks(rng, blocks[k, :n])
                else:
                    hidden[k, known[i] : n] = causal or rng.random(n - known[i]) < levels[i]
                    weight[k] = hidden[k] / (1 if causal else levels[i])
            if block:
                loss, _ = block_losses(model, ids, owner, blocks, hidden, weight, texts.meta["mask"], device, precision)
            else:
                loss, _ = losses(model, ids, owner, hidden, weight, texts.meta["mask"], device, precision, causal)
            total += float(loss.sum())
        sums.append(total / scored)
    nats = float(np.mean(sums))
    error = float(np.std(sums, ddof=1) / math.sqrt(len(sums))) if len(sums) > 1 else float("nan")
    scale = tokens_per_byte / math.log(2)
    return nats * scale, error * scale, nats, scored


def losses(model, ids, owner, hidden, weight, mask_id, device, precision, causal=False):
    """Weighted cross-entropies of the hidden tokens, and their weights, as vectors."""
    ids, owner, hidden, weight = (torch.from_numpy(a).to(device) for a in (ids, owner, hidden, weight))
    visible = owner[:, None, :, None] == owner[:, None, None, :]
    if causal:
        visible = visible & torch.ones_like(visible[:1]).tril()
    with precision():
        states = model(ids if causal else ids.masked_fill(hidden, mask_id), visible)
        before = states[:, :-1][hidden[:, 1:]]  # position i predicts token i + 1
        logits = getattr(model, "_orig_mod", model).logits(before)
    weight = weight[:, 1:][hidden[:, 1:]]
    return F.cross_entropy(logits.float(), ids[:, 1:][hidden[:, 1:]], reduction="none") * weight, weight


def block_losses(model, ids, owner, block, hidden, weight, mask_id, device, precision, most=512):
    """The same for text that is written in blocks (BD3-LM, arXiv 2503.09573): each row is followed by a masked copy of at most `most`
    of its free positions. A block of the copy sees itself and what stands before it in the row, which sees no copy. The first
    token of a block is predicted from the row, where the block before it is whole: it cannot know the others of its block, so
    it is written before them, and they see it."""
    ids, owner, block, hidden, weight = (torch.from_numpy(a).to(device) for a in (ids, owner, block, hidden, weight))
    rows, length = ids.shape
    free = (owner >= 0) & (block >= 0)
    take = torch.argsort(~free, dim=1, stable=True)[:, : min(most, length)]  # free positions first, in their order
    mine = torch.where(free.gather(1, take), owner.gather(1, take), -2)
    block_of_copy, hidden = block.gather(1, take), hidden.gather(1, take) & (mine >= 0)
    targets = ids.gather(1, take)
    seen = owner[:, :, None] == owner[:, None, :]
    row = torch.cat((seen & (block[:, :, None] >= block[:, None, :]), torch.zeros_like(seen[:, :, : take.shape[1]])), 2)
    to_row = (mine[:, :, None] == owner[:, None, :]) & (block_of_copy[:, :, None] > block[:, None, :])
    same = (mine[:, :, None] == mine[:, None, :]) & (block_of_copy[:, :, None] == block_of_copy[:, None, :])
    visible = torch.cat((row, torch.cat((to_row, same | (mine < 0)[:, :, None]), 2)), 1)[:, None]
    positions = torch.cat((torch.arange(length, device=device).expand(rows, -1), take), 1)
    follows = torch.zeros_like(hidden)  # the token before it is in the same block
    follows[:, 1:] = (mine[:, 1:] == mine[:, :-1]) & (block_of_copy[:, 1:] == block_of_copy[:, :-1])
    both = torch.cat((ids, targets.masked_fill(hidden & follows, mask_id)), 1)
    sources = torch.where(follows, length - 1 + torch.arange(take.shape[1], device=device), (take - 1).clamp_min(0))
    with precision():
        states = model(both, visible, positions)
        before = states[torch.arange(rows, device=device)[:, None].expand_as(sources)[hidden], sources[hidden]]
        logits = getattr(model, "_orig_mod", model).logits(before)
    weight = weight.gather(1, take)[hidden]
    return F.cross_entropy(logits.float(), targets[hidden], reduction="none") * weight, weight


def optimisers(model, muon_rate, adam_rate):
    """Muon for the matrices inside the blocks, AdamW for the embedding, norms and biases."""
    inside = [p for n, p in model.named_parameters() if p.dim() == 2 and n.startswith("layers.")]
    chosen = {id(p) for p in inside}
    others = [p for p in model.parameters() if id(p) not in chosen]
    return (
        torch.optim.Muon(inside, lr=muon_rate, weight_decay=0.1, momentum=0.95),
        torch.optim.AdamW(others, lr=adam_rate, betas=(0.9, 0.95), weight_decay=0.0),
    )


def save(path, **state):
    """Write beside the old file, then replace it, so that a kill at any moment leaves a whole one."""
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def precision_of(device):
    """bfloat16 where the machine computes in it, otherwise plain float32."""
    has = torch.cuda.is_bf16_supported() if device.type == "cuda" else torch.cpu.get_capabilities().get("avx512_bf16", False)
    return lambda: torch.autocast(device.type, torch.bfloat16, enabled=bool(has))


def parse():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, required=True, help="folder written by prepare.py")
    parser.add_argument("--state", type=pathlib.Path, required=True, help="folder for state.pt and train.log")
    parser.add_argument("--resume", type=pathlib.Path, help="state to go on from, if not STATE/state.pt")
    parser.add_argument("--start", type=pathlib.Path, help="checkpoint folder of export.py whose weights a new state begins with")
    parser.add_argument("--minutes", type=float, default=60, help="time budget of this call, pauses not counted")
    parser.add_argument("--decay-minutes", type=float, default=0, help="let the rate fall to zero at the end of the budget")
    parser.add_argument("--objective", choices=("masked", "autoregressive"), default="masked")
    parser.add_argument("--block-share", type=float, default=0, help="share of the steps that are on text written in blocks")
    parser.add_argument("--weight", choices=("flat", "inverse"), default="flat", help="flat learns faster early")
    parser.add_argument("--width", type=int, default=256)
    parser.add_argument("--layers", type=int, default=7)
    parser.add_argument("--heads", type=int, default=4)
    parser.add_argument("--inner", type=int, default=896)
    parser.add_argument("--context", type=int, default=1024)
    parser.add_argument("--length", type=int, default=256, help="tokens in a row")
    parser.add_argument("--rows", type=int, default=12, help="rows in a step")
    parser.add_argument("--long-every", type=int, default=8, help="every how many steps the rows are 1,024 long; 0: never")
    parser.add_argument("--muon-rate", type=float, default=0.003)
    parser.add_argument("--adam-rate", type=float, default=0.010)
    parser.add_argument("--warm-up", type=int, default=100, help="steps")
    parser.add_argument("--clip", type=float, default=1.0)
    parser.add_argument("--average", type=float, default=0.998, help="decay of the averaged weights")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--compile", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--save-minutes", type=float, default=4)
    parser.add_argument("--measure-minutes", type=float, default=8, help="time between looks at the held-out text")
    parser.add_argument("--pause-file", type=pathlib.Path, help="training waits while this file exists")
    return parser.parse_args()


def main():
    args = parse()
    torch.manual_seed(args.seed)
    torch.set_num_threads(args.threads)
    torch.set_float32_matmul_precision("high")
    device = torch.device(args.device)
    precision, causal = precision_of(device), args.objective == "autoregressive"
    args.state.mkdir(parents=True, exist_ok=True)
    texts, unseen = Texts(args.data, "train.npz"), Texts(args.data, "heldout.npz")

    model = Dream(texts.meta["vocab_size"], args.width, args.layers, args.heads, args.inner, context=args.context).to(device)
    if args.start:
        weights = load_file(args.start / "model.safetensors")
        model.load_state_dict({name.removeprefix("model."): value.float() for name, value in weights.items()})
    optims = optimisers(model, args.muon_rate, args.adam_rate)
    average = {n: p.detach().clone() for n, p in model.named_parameters()}
    done = {"step": 0, "tokens": 0, "seconds": 0.0, "scale": 1.0}
    state_file = args.resume or args.state / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, map_location=device, weights_only=True)
        model.load_state_dict(state["model"])
        for optim, kept in zip(optims, state["optims"]):
            optim.load_state_dict(kept)
        average, done = state["average"], state["done"]
    elif args.resume:
        raise SystemExit(f"there is no {args.resume}")
    if not args.decay_minutes:
        done["scale"] = 1.0  # a call without a tail goes on at the full rate
    first_scale, first_seconds = done["scale"], done["seconds"]
    run = torch.compile(model, dynamic=False) if args.compile else model

    log = open(args.state / "train.log", "a", encoding="utf-8")

    def say(**fields):
        line = json.dumps({"time": time.strftime("%H:%M:%S"), **fields})
        print(line, flush=True)
        print(line, file=log, flush=True)

    def save_state(name="state.pt"):
        kept = [optim.state_dict() for optim in optims]
        save(args.state / name, model=model.state_dict(), shape=model.shape, average=average, optims=kept, done=done,
             objective=args.objective)  # fmt: skip

    stop = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda n, _: stop.append(n))

    options = {name: str(value) for name, value in vars(args).items()}
    say(parameters=sum(p.numel() for p in model.parameters()), shape=model.shape, options=options, **done)
    decaying, recent = False, []
    last_say = last_save = last_measure = clock = time.monotonic()
    while not stop:
        if args.pause_file and args.pause_file.exists():
            say(paused=True)
            while args.pause_file.exists() and not stop:
                time.sleep(1)
            clock = time.monotonic()
        spent = done["seconds"] - first_seconds
        left = 60 * args.minutes - spent
        if left <= 0:
            break
        if left <= 60 * args.decay_minutes:
            if not decaying:
                save_state()
                if first_scale == 1:
                    shutil.copyfile(args.state / "state.pt", args.state / "state-before-decay.pt")
                decaying = True
            done["scale"] = first_scale * left / (60 * args.decay_minutes)
        for optim, rate in zip(optims, (args.muon_rate, args.adam_rate)):
            for group in optim.param_groups:
                group["lr"] = rate * done["scale"] * min(1, (done["step"] + 1) / args.warm_up)

        rng = np.random.default_rng((args.seed, done["step"]))
        length, rows = args.length, args.rows
        if args.long_every and done["step"] % args.long_every == args.long_every - 1:
            length, rows = args.context, max(1, args.rows * args.length // args.context)
        if rng.random() < args.block_share:
            ids, owner, block, hidden, weight = texts.block_batch(rng, rows, length)
            if args.weight == "flat":
                weight = np.minimum(weight, 1)
            loss, weights = block_losses(run, ids, owner, block, hidden, weight, texts.meta["mask"], device, precision)
        else:
            ids, owner, hidden, weight = texts.batch(rng, rows, length, causal)
            if args.weight == "flat":
                weight = np.minimum(weight, 1)
            loss, weights = losses(run, ids, owner, hidden, weight, texts.meta["mask"], device, precision, causal)
        loss = loss.sum() / (weights.sum() if args.weight == "flat" or causal else weight.size)
        loss.backward()
        norm = nn.utils.clip_grad_norm_(model.parameters(), args.clip)
        if not torch.isfinite(norm):
            raise SystemExit(f"step {done['step']}: loss {float(loss)}, norm of the gradient {float(norm)}; the last state is kept")
        for optim in optims:
            optim.step()
            optim.zero_grad(set_to_none=True)
        with torch.no_grad():
            keep = min(args.average, (done["step"] + 1) / (done["step"] + 10))
            torch._foreach_lerp_(list(average.values()), list(model.parameters()), 1 - keep)

        now = time.monotonic()
        done["seconds"] += now - clock
        clock = now
        done["step"] += 1
        done["tokens"] += int((owner >= 0).sum())
        recent.append((float(loss.detach()), float(norm), ids.size, now))
        if now - last_say > 30:
            took = now - last_say
            say(step=done["step"], tokens=done["tokens"], minutes=round(done["seconds"] / 60, 2), rate=round(done["scale"], 4),
                loss=round(float(np.mean([r[0] for r in recent])), 4), norm=round(float(np.mean([r[1] for r in recent])), 3),
                per_second=round(sum(r[2] for r in recent) / took))  # fmt: skip
            last_say, recent = now, []
        if now - last_save > 60 * args.save_minutes:
            save_state()
            last_save = now
        if now - last_measure > 60 * args.measure_minutes:
            report(say, model, average, unseen, device, precision, causal, done, args.block_share > 0)
            last_measure = time.monotonic()
    save_state()
    if decaying or not stop:
        report(say, model, average, unseen, device, precision, causal, done, args.block_share > 0)
    say(saved=True, stopped=bool(stop), **done)


def report(say, model, average, unseen, device, precision, causal, done, in_blocks):
    """Log held-out figures, of the weights as they are and of their average; `in_blocks`, of blocks of 4 and of 16 too."""
    for name in ("last", "average"):
        current = {n: p.detach().clone() for n, p in model.named_parameters()}
        if name == "average":
            model.load_state_dict(average)
        for block in (0, 4, 16) if in_blocks else (0,):
            bits = {}
            for part in ("snakes-story", "storybooks", "synthetic-persona-chat"):
                if part in unseen.docs:
                    per_byte, _, nats, _ = held_out(model, unseen, part, device, precision, limit=12000, causal=causal, block=block)
                    bits[part] = [round(per_byte, 4), round(nats, 3)]
            say(step=done["step"], weights=name, **({"block": block} if block else {}), held_out=bits)
        model.load_state_dict(current)


if __name__ == "__main__":
    main()
