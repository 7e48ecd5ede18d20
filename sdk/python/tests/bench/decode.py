"""The time to decode and validate a message."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from natsgen_runtime.codec.codec import codec_of

from varpulis_sdk.coordinator import Heartbeat, RegisterRequest
from varpulis_sdk.worker import DeployRequest, InjectBatchRequest

from . import model
from .rounds import Series, report, turns

MESSAGES: dict[str, tuple[type, type[model.Model]]] = {
    "register": (RegisterRequest, model.Register),
    "deploy": (DeployRequest, model.Deploy),
    "program": (DeployRequest, model.Deploy),
    "heartbeat": (Heartbeat, model.Heartbeat),
    "inject_batch": (InjectBatchRequest, model.InjectBatch),
}


def run(messages: Path, *, quick: bool) -> None:
    """Measures each message."""
    rounds, length = (1, 0.001) if quick else (31, 0.02)
    for name, (ours, theirs) in MESSAGES.items():
        data = (messages / f"{name}.json").read_bytes()
        contenders = decoders(ours, theirs)
        check(name, contenders)
        counts = [count_within(decode, data, length) for decode in contenders.values()]
        times = [Series() for _ in contenders]
        functions = list(contenders.values())
        for turn in turns(rounds, len(functions)):
            decode, count = functions[turn], counts[turn]
            started = time.process_time()
            for _ in range(count):
                decode(data)
            times[turn].append((time.process_time() - started) * 1e6 / count)
        report(f"decode.{name}.time", times[0].median, "us")
        for contender, series in list(zip(contenders, times, strict=True))[1:]:
            report(f"decode.{name}.{contender}_ratio", times[0].ratio(series), "x")


def decoders(
    ours: type, theirs: type[model.Model]
) -> dict[str, Callable[[bytes], Any]]:
    """Returns the contenders by name, ours first and the decoder without checks last."""
    validate, validate_json = theirs.model_validate, theirs.model_validate_json
    return {
        "ours": codec_of(ours).decode,
        "pydantic": lambda data: validate(json.loads(data)),
        "pydantic_json": validate_json,
        "parse": json.loads,
    }


def check(name: str, contenders: dict[str, Callable[[bytes], Any]]) -> None:
    """Checks that all contenders with checks refuse an empty object."""
    for contender, decode in list(contenders.items())[:-1]:
        try:
            decode(b"{}")
        except ValueError:
            continue
        raise SystemExit(f"{name}: {contender} accepts an empty object")


def count_within(decode: Callable[[bytes], Any], data: bytes, length: float) -> int:
    """Returns how often a decoder runs within a processor time, after it has run for as long to warm up."""
    end, count = time.process_time() + 2 * length, 0
    while time.process_time() < end:
        decode(data)
        count += 1
    return count // 2 + 1
