#!/usr/bin/env python3
"""Write a trained state as a checkpoint folder, measure the folder, and sample from it.

    scripts/export.py write --data DATA --state STATE/state.pt --out models/llama-unmask-8m
    scripts/export.py measure --data DATA models/llama-unmask-8m
    scripts/export.py sample models/llama-unmask-8m "Once upon a time" --seed 1 --num 10
    scripts/export.py twin --state TWIN/state.pt --out tests/scorer

The folder is an ordinary Hugging Face one: Dream's config, float16 weights, the sentencepiece tokenizer with the chat template,
and decoding defaults in generation_config.json. The sampler is a plain one, made to compare decoding defaults and to show what a
model can do without the C++ tool: blocks from left to right, each seeing what stands before it, and in a block the surest
tokens first.
"""

import argparse
import json
import pathlib
import shutil

import numpy as np
import sentencepiece
import torch
from safetensors.torch import load_file, save_file

from dream import Dream
from texts import Texts
from train import held_out, precision_of

CHAT = (
    "{% for message in messages %}{{ message['content'] }}"
    "{% if message['role'] == 'user' %}<reply>{% else %}<end>{% endif %}{% endfor %}"
)
DEFAULTS = {"max_new_tokens": 64, "steps": 64, "block_length": 8, "temperature": 0.8, "top_p": 0.95, "alg": "maskgit_plus"}
OWN = {  # what other tools do not read: see docs/decoding.md
    "defaults": {"attention": "block", "block-grid": "prompt", "first-alone": True, "schedule": "even"},
    "holes": {"attention": "full", "first-alone": False},
    "presets": {
        "fast": {"block": 4, "commit": "threshold:0.6"},
        "quality": {"order": "left"},
        "full": {"attention": "full", "first-alone": False, "block": 16},
    },
}


def write_json(path, value):
    path.write_text(json.dumps(value, indent=2) + "\n", encoding="utf-8")


def write(args):
    """The folder; its weights are the averaged ones unless --last."""
    state = torch.load(args.state, map_location="cpu", weights_only=True)
    shape, weights = state["shape"], state["model"] if args.last else state["average"]
    meta = json.loads((args.data / "meta.json").read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    half = {"model." + name: value.to(torch.float16).contiguous() for name, value in weights.items()}
    bad = [name for name, value in half.items() if not torch.isfinite(value).all()]
    if bad:
        raise SystemExit(f"not finite in float16: {bad}")
    save_file(half, args.out / "model.safetensors", metadata={"format": "pt"})
    ids = {"bos_token_id": meta["end"], "eos_token_id": meta["end"], "pad_token_id": meta["end"], "mask_token_id": meta["mask"]}
    write_json(args.out / "config.json", {
        "architectures": ["DreamModel"], "model_type": "Dream", "vocab_size": shape["vocab"],
        "hidden_size": shape["width"], "intermediate_size": shape["inner"], "num_hidden_layers": shape["layers"],
        "num_attention_heads": shape["heads"], "num_key_value_heads": shape["heads"], "hidden_act": "silu",
        "rms_norm_eps": 1e-6, "rope_theta": shape["theta"], "rope_scaling": None,
        "max_position_embeddings": shape["context"], "tie_word_embeddings": True, **ids,
        "attention_dropout": 0.0, "use_sliding_window": False, "sliding_window": None,
        "torch_dtype": "float16", "use_cache": True,
    })  # fmt: skip
    write_json(args.out / "generation_config.json", {**ids, **DEFAULTS, "unmask": OWN})
    write_json(args.out / "tokenizer_config.json", {
        "tokenizer_class": "LlamaTokenizer", "add_bos_token": False, "add_eos_token": False,
        "unk_token": "<unk>", "bos_token": "<end>", "eos_token": "<end>", "pad_token": "<end>", "mask_token": "<mask>",
        "additional_special_tokens": ["<reply>"], "clean_up_tokenization_spaces": False, "legacy": False,
        "model_max_length": shape["context"], "chat_template": CHAT,
    })  # fmt: skip
    shutil.copyfile(args.data / "tokenizer.model", args.out / "tokenizer.model")
    total = sum(f.stat().st_size for f in args.out.iterdir())
    print(f"{args.out}: {sum(v.numel() for v in half.values()):,} parameters, {total / 1e6:.1f} MB, after {state['done']}")


def load(folder):
    """The network of a folder, computing in float32, and its tokenizer and configs."""
    config = json.loads((folder / "config.json").read_text())
    model = Dream(config["vocab_size"], config["hidden_size"], config["num_hidden_layers"], config["num_attention_heads"],
                  config["intermediate_size"], config["rope_theta"], config["max_position_embeddings"])  # fmt: skip
    weights = load_file(folder / "model.safetensors")
    model.load_state_dict({name.removeprefix("model."): value.float() for name, value in weights.items()})
    sp = sentencepiece.SentencePieceProcessor(model_file=str(folder / "tokenizer.model"))
    return model.eval(), sp, config, json.loads((folder / "generation_config.json").read_text())


def rounded(matrix):
    """A matrix as int8 and a float32 scale for each of its rows."""
    scale = matrix.abs().amax(-1).clamp_min(1e-12) / 127
    return (matrix / scale[:, None]).round().to(torch.int8), scale


def twin(args):
    """The autoregressive twin, its matrices in int8: the independent scorer of what the default model writes."""
    state = torch.load(args.state, map_location="cpu", weights_only=True)
    if state["objective"] != "autoregressive":
        raise SystemExit(f"{args.state} was trained with the objective {state['objective']}")
    args.out.mkdir(parents=True, exist_ok=True)
    tensors = {}
    for name, value in state["average"].items():
        if value.dim() == 2:
            tensors[name], tensors[name + ".scale"] = rounded(value)
        else:
            tensors[name] = value.contiguous()
    save_file(tensors, args.out / "model.safetensors", metadata={"format": "pt"})
    write_json(args.out / "shape.json", state["shape"])
    print(f"{args.out}: after {state['done']}")


def load_twin(folder):
    """The twin, computing in float32. It shares the default model's tokenizer."""
    model = Dream(**json.loads((folder / "shape.json").read_text()))
    tensors = load_file(folder / "model.safetensors")
    weights = {name: value.float() for name, value in tensors.items() if not name.endswith(".scale")}
    for name in weights:
        if name + ".scale" in tensors:
            weights[name] *= tensors[name + ".scale"][:, None]
    model.load_state_dict(weights)
    return model.eval()


def measure(args):
    """Bits per byte of held-out text, a table for the model card."""
    torch.set_num_threads(args.threads)
    model, _, _, _ = load(args.folder)
    texts, device = Texts(args.data, "heldout.npz"), torch.device("cpu")
    print("| part | tokens | bits per byte | nats per token |\n|---|---:|---:|---:|")
    for part in texts.parts:
        if part in ("retold-story", "titled-story"):
            continue
        length = 1024 if part in ("snakes-summary", "snakes-paraphrase") else 256
        limit = args.tokens * (2 if length == 1024 else 1)
        bits, error, nats, scored = held_out(model, texts, part, device, precision_of(device), length, limit, args.draws)
        print(f"| {part} | {scored:,} | {bits:.3f} ± {error:.3f} | {nats:.3f} |", flush=True)


@torch.no_grad()
def generate(model, ids, config, choices, rng):
    """A canvas behind `ids`: block by block, each step writes the tokens it is surest of. A block does not see what follows it;
    its first token does not see the block, and is written before the others."""
    mask, new, block = config["mask_token_id"], choices["max_new_tokens"], choices["block_length"]
    x = torch.tensor(ids + [mask] * new)
    number = (torch.arange(len(x)) - len(ids)).div(block, rounding_mode="floor")
    visible = (number[:, None] >= number[None, :])[None, None]
    ends = list(range(len(ids) + block, len(x), block)) + [len(x)]
    steps = [len(s) for s in np.array_split(np.arange(choices["steps"]), len(ends))]
    for start, end, count in zip([len(ids), *ends], ends, steps):
        for step in range(max(2, count)):
            open_ = [i for i in range(start, end) if x[i] == mask]
            if not open_:
                break
            if step == 0:
                open_ = [start]
            hidden = model(x[None, :end], visible[:, :, :end, :end])[0]
            before = torch.tensor([max(i - 1, 0) for i in open_])
            logits = model.logits(hidden[before])
            if choices["temperature"] > 0:
                logits = logits / choices["temperature"]
            logits[:, mask] = -torch.inf
            if choices["top_p"] < 1:
                values, order = logits.sort(descending=True)
                over = values.softmax(-1).cumsum(-1) > choices["top_p"]
                over[:, 1:] = over[:, :-1].clone()
                over[:, 0] = False
                logits = logits.masked_fill(torch.zeros_like(over).scatter(-1, order, over), -torch.inf)
            probs = logits.softmax(-1)
            picked = torch.multinomial(probs, 1, generator=rng)[:, 0] if choices["temperature"] > 0 else probs.argmax(-1)
            sure = probs.gather(-1, picked[:, None])[:, 0]
            if choices["alg"] == "entropy":
                sure = (probs * (probs + 1e-10).log()).sum(-1)
            elif choices["alg"] == "topk_margin":
                top = probs.topk(2).values
                sure = top[:, 0] - top[:, 1]
            for k in sure.topk(1 if step == 0 else -(-len(open_) // (max(2, count) - step))).indices:
                x[open_[int(k)]] = picked[k]
        if x[end - 1] == config["eos_token_id"] and config["eos_token_id"] in x[len(ids) : end]:
            break
    return x[len(ids) :].tolist()


def sample(args):
    torch.set_num_threads(args.threads)
    model, sp, config, choices = load(args.folder)
    for name in ("max_new_tokens", "steps", "block_length", "temperature", "top_p", "alg"):
        if getattr(args, name) is not None:
            choices[name] = getattr(args, name)
    prompt = sp.encode(args.prompt.replace("\\n", "\n")) + ([] if args.raw else [sp.piece_to_id("<reply>")])
    for seed in range(args.seed, args.seed + args.num):
        ids = generate(model, prompt, config, choices, torch.Generator().manual_seed(seed))
        ids = ids[: ids.index(config["eos_token_id"])] if config["eos_token_id"] in ids else ids
        ids = [i for i in ids if i != config["mask_token_id"]]
        print(f"[seed {seed}] {args.prompt} => {sp.decode(ids)}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    commands = parser.add_subparsers(required=True)
    one = commands.add_parser("write")
    one.add_argument("--data", type=pathlib.Path, required=True)
    one.add_argument("--state", type=pathlib.Path, required=True)
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.add_argument("--last", action="store_true", help="the weights as they are, not their average")
    one.set_defaults(run=write)
    one = commands.add_parser("twin")
    one.add_argument("--state", type=pathlib.Path, required=True)
    one.add_argument("--out", type=pathlib.Path, required=True)
    one.set_defaults(run=twin)
    one = commands.add_parser("measure")
    one.add_argument("folder", type=pathlib.Path)
    one.add_argument("--data", type=pathlib.Path, required=True)
    one.add_argument("--tokens", type=int, default=30000)
    one.add_argument("--draws", type=int, default=4)
    one.add_argument("--threads", type=int, default=2)
    one.set_defaults(run=measure)
    one = commands.add_parser("sample")
    one.add_argument("folder", type=pathlib.Path)
    one.add_argument("prompt")
    one.add_argument("--raw", action="store_true", help="do not put <reply> behind the prompt")
    one.add_argument("--seed", type=int, default=1)
    one.add_argument("--num", type=int, default=1)
    one.add_argument("--threads", type=int, default=2)
    for name, kind in (("max_new_tokens", int), ("steps", int), ("block_length", int), ("temperature", float), ("top_p", float),
                       ("alg", str)):  # fmt: skip
        one.add_argument("--" + name.replace("_", "-"), type=kind)
    one.set_defaults(run=sample)
    args = parser.parse_args()
    args.run(args)


if __name__ == "__main__":
    main()
