"""How long a language model writes at a 2,000-token chain of thought.

A llama.cpp server decodes with a model of a 0.5 B shape and random weights:
speed does not depend on their values, and nothing has to be downloaded. A part
of the chain is decoded and scaled up; the part left out would be slower, since
later tokens look back at more.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

CHAIN = 2_000
"""Tokens of a chain of thought."""
SHAPE = {"layers": 24, "hidden": 896, "inner": 4864, "heads": 14, "kv_heads": 2, "vocab": 32_000}
"""Of a usual 0.5 B model; the vocabulary is smaller, in the LLM's favour."""


@dataclass(frozen=True, slots=True)
class Chain:
    """Decoding speed of one variant."""

    precision: str
    together: int
    """Chains decoded at once."""
    tokens_a_second: float
    """Of all chains together."""

    @property
    def seconds(self) -> float:
        """For one chain of `CHAIN` tokens, its share of the batch."""
        return CHAIN / self.tokens_a_second


def measure(*, tokens: int = 48, threads: int = 1) -> list[Chain]:
    """Decode with each precision, alone and eight at once.

    Raises:
        ImportError: xllamacpp or gguf is not installed.
    """
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for precision in ("f16", "q8_0", "q4_0"):
            file = Path(folder) / f"{precision}.gguf"
            write_model(file, precision)
            for together in (1, 8):
                with _server(file, together, threads) as url:
                    rate = asyncio.run(_decode(url, tokens, together))
                found.append(Chain(precision, together, rate))
            file.unlink()
    return found


async def _decode(url: str, tokens: int, together: int) -> float:
    import httpx

    body = {"prompt": "1", "max_tokens": tokens, "ignore_eos": True, "temperature": 1.0}
    async with httpx.AsyncClient(timeout=600.0) as client:

        async def chain() -> int:
            reply = await client.post(f"{url}/completions", json=body)
            reply.raise_for_status()
            return int(reply.json()["usage"]["completion_tokens"])

        await client.post(f"{url}/completions", json={**body, "max_tokens": 4})
        began = time.perf_counter()
        written = await asyncio.gather(*(chain() for _ in range(together)))
        return sum(written) / (time.perf_counter() - began)


def write_model(file: Path, precision: str) -> None:
    """A llama-shaped GGUF file of random weights."""
    import gguf
    import numpy as np

    kind = gguf.GGMLQuantizationType[precision.upper()]
    rng = np.random.default_rng(0)
    writer = gguf.GGUFWriter(str(file), "llama")
    D, I, V = SHAPE["hidden"], SHAPE["inner"], SHAPE["vocab"]  # noqa: E741
    head = D // SHAPE["heads"]
    writer.add_context_length(4096)
    writer.add_embedding_length(D)
    writer.add_block_count(SHAPE["layers"])
    writer.add_feed_forward_length(I)
    writer.add_head_count(SHAPE["heads"])
    writer.add_head_count_kv(SHAPE["kv_heads"])
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(head)
    writer.add_vocab_size(V)
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256))]
    pieces += [f"w{n}" for n in range(V - len(pieces))]
    kinds = [gguf.TokenType.UNKNOWN, gguf.TokenType.CONTROL, gguf.TokenType.CONTROL]
    kinds += [gguf.TokenType.BYTE] * 256
    kinds += [gguf.TokenType.NORMAL] * (V - len(kinds))
    writer.add_tokenizer_model("llama")
    writer.add_token_list(pieces)
    writer.add_token_scores([0.0] * V)
    writer.add_token_types([int(k) for k in kinds])
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)

    def add(name: str, *shape: int) -> None:
        if len(shape) == 1:
            writer.add_tensor(name, np.ones(shape, dtype=np.float32))
            return
        values = rng.standard_normal(shape, dtype=np.float32) * shape[-1] ** -0.5
        if precision == "f16":
            writer.add_tensor(name, values.astype(np.float16))
        else:
            packed = gguf.quants.quantize(values, kind)
            writer.add_tensor(name, packed, raw_dtype=kind)

    attention = {"q": D, "k": SHAPE["kv_heads"] * head, "v": SHAPE["kv_heads"] * head, "output": D}
    for at in ("token_embd", "output"):
        add(f"{at}.weight", V, D)
    add("output_norm.weight", D)
    for layer in range(SHAPE["layers"]):
        for part in ("attn_norm", "ffn_norm"):
            add(f"blk.{layer}.{part}.weight", D)
        for part, rows in attention.items():
            add(f"blk.{layer}.attn_{part}.weight", rows, D)
        for part, shape in {"gate": (I, D), "up": (I, D), "down": (D, I)}.items():
            add(f"blk.{layer}.ffn_{part}.weight", *shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


@contextmanager
def _server(file: Path, together: int, threads: int) -> Iterator[str]:
    xllamacpp: Any = import_module("xllamacpp")  # compiled, and without types
    params = xllamacpp.CommonParams()
    params.model.path = str(file)
    params.n_ctx = 512 * together
    params.n_parallel = together
    params.cpuparams.n_threads = threads
    params.cpuparams_batch.n_threads = threads
    params.warmup = False
    params.port = 0
    server = xllamacpp.Server(params)
    try:
        yield f"{server.listening_address}/v1"
    finally:
        del server
