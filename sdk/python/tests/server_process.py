"""A store in a process of its own: `server_process.py URL PREFIX [DELAY]`."""

from __future__ import annotations

import asyncio
import sys

from natsgen_runtime import connect
from store import Store

from keyvalue.store import PutRequest, StoreServer


async def main(url: str, prefix: str, delay: float) -> None:
    """Serves until the process is killed."""

    async def wait(_: PutRequest) -> None:
        await asyncio.sleep(delay)

    async with await connect(url, prefix=prefix) as connection:
        server = await StoreServer(Store(wait)).start(connection)
        print("ready", flush=True)
        await server.closed()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], float(sys.argv[3])))
