"""Compares the SDK with the usual choice in Python: `python -m bench URL MESSAGES [--quick]`.

MESSAGES is a folder with a JSON document for each message. The program prints lines `CASE value unit`. A value is the
median over rounds in which all contenders take turns; a ratio is the median of the ratios of each round. `--quick` runs
short rounds, whose times mean nothing.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from . import call, decode


def main() -> None:
    """Measures all cases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("url")
    parser.add_argument("messages", type=Path)
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    decode.run(arguments.messages, quick=arguments.quick)
    asyncio.run(call.run(arguments.url, quick=arguments.quick))


if __name__ == "__main__":
    main()
