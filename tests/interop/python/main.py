"""The peer over the Python SDK: `serve URL ROLE ID` and `call URL`."""

from __future__ import annotations

import asyncio
import sys

from call import call
from serve import serve


def main() -> None:
    match sys.argv[1:]:
        case ["serve", url, role, instance]:
            asyncio.run(serve(url, role, instance))
        case ["call", url]:
            asyncio.run(call(url))
        case _:
            sys.exit("usage: main.py serve URL ROLE ID, or main.py call URL")


if __name__ == "__main__":
    main()
