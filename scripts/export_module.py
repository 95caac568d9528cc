#!/usr/bin/env python3
"""Turn a Hugging Face model into a program that unmask runs: model.pt2 and config.json.

    scripts/export_module.py --model CHECKPOINT --out FOLDER --mask-id 151665 --shift
    unmask --allow-code -m FOLDER "Once upon a time"

For architectures that unmask does not know. The network is traced with torch.export and compiled with
AOTInductor for the processor of this machine; what unmask gets is `ids [1, tokens] -> logits [1, tokens,
vocabulary]`. Needs `pip install transformers` beside scripts/train-requirements.txt, and a C++ compiler.
The folder's tokenizer files and generation_config.json are copied along.
"""

import argparse
import json
import pathlib
import shutil

import torch
import transformers

TEXT_FILES = (
    "tokenizer.json", "tokenizer.model", "tokenizer_config.json", "vocab.json", "merges.txt", "added_tokens.json",
    "special_tokens_map.json", "chat_template.jinja", "generation_config.json",
)  # fmt: skip


class Logits(torch.nn.Module):
    """ids -> logits, with every token seeing every other one if asked."""

    def __init__(self, model, bidirectional):
        super().__init__()
        self.model, self.bidirectional = model, bidirectional

    def forward(self, ids):
        mask = None
        if self.bidirectional:  # a mask of four dimensions is used as it is, in place of the causal one
            tokens = ids.shape[1]
            mask = torch.zeros(1, 1, tokens, tokens, dtype=self.model.dtype)
        return self.model(input_ids=ids, attention_mask=mask, use_cache=False).logits.float()


def load(args):
    for kind in (transformers.AutoModelForCausalLM, transformers.AutoModelForMaskedLM, transformers.AutoModel):
        try:
            return kind.from_pretrained(args.model, trust_remote_code=args.trust_remote_code, dtype=torch.float32,
                                        attn_implementation=args.attention)  # fmt: skip
        except ValueError as problem:  # this class does not have the architecture
            reason = problem
    raise SystemExit(f"no class of transformers loads {args.model}: {reason}")


def end_ids(config):
    ids = config.eos_token_id
    return [] if ids is None else [ids] if isinstance(ids, int) else list(ids)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--model", required=True, help="checkpoint folder")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--mask-id", type=int, required=True)
    parser.add_argument("--shift", action="store_true", help="the output at i is the prediction for i + 1")
    parser.add_argument("--bidirectional", action="store_true", help="lift the causal mask of a plain decoder")
    parser.add_argument("--context", type=int, default=2048, help="most tokens that a canvas may have")
    parser.add_argument("--trust-remote-code", action="store_true", help="run the checkpoint's own Python code")
    parser.add_argument("--attention", default="sdpa", help="attn_implementation of transformers")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)

    model = load(args).eval()
    tokens = torch.export.Dim("tokens", min=2, max=args.context)
    with torch.no_grad():
        program = torch.export.export(Logits(model, args.bidirectional), (torch.zeros(1, 8, dtype=torch.long),),
                                      dynamic_shapes={"ids": {1: tokens}})  # fmt: skip
        # unmask brings libtorch_cpu alone, so the package must not ask for libtorch.so, which wants CUDA's too
        torch._inductor.aoti_compile_and_package(program, package_path=str(args.out / "model.pt2"),
                                                 inductor_configs={"aot_inductor.link_libtorch": False})  # fmt: skip
        vocab = model(input_ids=torch.zeros(1, 2, dtype=torch.long)).logits.shape[-1]

    config = {"model_type": "exported", "module": "model.pt2", "vocab_size": vocab, "mask_token_id": args.mask_id,
              "eos_token_id": end_ids(model.config), "context": args.context, "logit_shift": args.shift}  # fmt: skip
    (args.out / "config.json").write_text(json.dumps(config, indent=2) + "\n")
    for name in TEXT_FILES:
        source = pathlib.Path(args.model) / name
        if source.exists():
            shutil.copyfile(source, args.out / name)
    print(f"{args.out}: {sum(p.numel() for p in model.parameters()):,} parameters")


if __name__ == "__main__":
    main()
