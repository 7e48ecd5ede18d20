"""The programs of README.md run, with the installed packages and a real server."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import readme
from conftest import NatsServer
from natsgen_runtime import connect

from varpulis_sdk.coordinator import CoordinatorClient, Heartbeat
from varpulis_sdk.types import WorkerId


class Programs:
    """The programs of README.md, with the address of a server."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        readme.write(folder)
        for file in folder.glob("*.py"):
            text = file.read_text().replace("nats://localhost:4222", url)
            file.write_text(text)
        self._running: list[subprocess.Popen[str]] = []

    def run(self, *arguments: str) -> str:
        """Runs a program and returns its output."""
        command = [sys.executable, *arguments]
        done = subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start(self, name: str, first: str | None = None) -> subprocess.Popen[str]:
        """Starts a program and waits for its first line."""
        process = subprocess.Popen(
            [sys.executable, name], cwd=self.folder, stdout=subprocess.PIPE, text=True
        )
        self._running.append(process)
        said = line(process)
        assert said and first in (None, said), said
        return process

    def stop(self) -> None:
        """Ends the started programs."""
        for process in self._running:
            process.kill()
            process.wait()
            if process.stdout is not None:
                process.stdout.close()


def line(process: subprocess.Popen[str]) -> str:
    """Returns the next line of a program."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


@pytest.fixture
def programs(tmp_path: Path, nats: NatsServer) -> Iterator[Programs]:
    """The programs, which are ended after the test."""
    programs = Programs(tmp_path, nats.url)
    yield programs
    programs.stop()


def test_readme_client_commands_the_worker(programs: Programs) -> None:
    assert programs.run("client.py") == "failed: not_sent no_responders True\n"
    programs.start("server.py")
    programs.start("worker.py", "ready")
    said = programs.run("client.py")
    assert said.startswith("pipeline ") and said.endswith(" is running\n")


async def test_readme_subscriber_prints_heartbeats(
    programs: Programs, nats: NatsServer
) -> None:
    subscriber = programs.start("subscriber.py")
    async with await connect(nats.url) as connection:
        beat = Heartbeat(events_processed=7, pipelines_running=1)
        await CoordinatorClient(connection).heartbeat(WorkerId("w0"), beat)
        await connection.flush()
    assert line(subscriber) == "w0 7"


def test_readme_unit_test_passes(programs: Programs) -> None:
    assert "1 passed" in programs.run("-m", "pytest", "-q", "test_coordinator.py")
