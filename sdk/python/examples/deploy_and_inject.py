"""Waits for a worker, deploys a pipeline on it, injects events, and undeploys the pipeline.

Start a worker before or after it: `cargo run -- worker`, or the example `worker` of any language. The variable
`NATS_URL` names the server, and `WORKER_ID` the worker.
"""

import asyncio
import os

from natsgen_runtime import CallOptions, Retry, connect

from varpulis_sdk.types import InputEvent, OutputEvent, WorkerId
from varpulis_sdk.worker import (
    DeployFault,
    DeployRequest,
    InjectBatchRequest,
    InjectFault,
    InjectRequest,
    UndeployRequest,
    WorkerClient,
)

PROGRAM = "stream Hot = Reading .where(celsius > 90)"
"""Emits an event `Hot` for each reading above 90 degrees."""


def describe(events: list[OutputEvent]) -> str:
    """Returns the types and temperatures of events."""
    texts = [
        f"{event.event_type} {event.fields['celsius'] if event.fields else None}"
        for event in events
    ]
    return ", ".join(texts) or "nothing"


async def run(workers: WorkerClient, worker: WorkerId) -> None:
    """Runs the calls of the example."""
    print(f"waiting for worker {worker}")
    request = DeployRequest(name="alerts", source=PROGRAM)
    pipeline = await workers.deploy(worker, request)
    print(f"pipeline {pipeline.name} is {pipeline.status}")

    # A reply contains the events that the pipeline emits.
    for celsius in (85.5, 105.5):
        fields = {"celsius": celsius}
        event = InjectRequest(
            pipeline_id=pipeline.id, event_type="Reading", fields=fields
        )
        reply = await workers.inject(worker, event)
        print(f"{celsius} emits {describe(reply.output_events)}")
    events = [
        InputEvent(event_type="Reading", fields={"celsius": celsius})
        for celsius in (20.5, 95.5, 120.5)
    ]
    batch = await workers.inject_batch(
        worker, InjectBatchRequest(pipeline_id=pipeline.id, events=events)
    )
    sent, failed = batch.events_sent, batch.events_failed
    print(f"a batch has {sent} processed and {failed} failed events")
    print(f"the batch emits {describe(batch.output_events)}")

    # An error that the operation declares is a fault. Its type lists all codes.
    try:
        request = DeployRequest(name="mistake", source="stream Hot Reading")
        print("unexpected:", await workers.deploy(worker, request))
    except DeployFault as fault:
        if fault.code != "pipeline_parse":
            raise
        print("a wrong program is refused: pipeline_parse")

    await workers.undeploy(worker, UndeployRequest(pipeline_id=pipeline.id))
    print(f"pipeline {pipeline.name} is undeployed")
    try:
        event = InjectRequest(pipeline_id=pipeline.id, event_type="Reading")
        print("unexpected:", await workers.inject(worker, event))
    except InjectFault as fault:
        if fault.code != "pipeline_not_found":
            raise
        print("a further event is refused: pipeline_not_found")


async def main() -> None:
    """Connects and runs the example."""
    worker = WorkerId(os.environ.get("WORKER_ID", "w0"))
    # Without a worker, a call fails at once. So the client repeats it until the worker has started.
    retry = Retry(attempts=1_000, first_pause=0.1, longest_pause=1.0)
    options = CallOptions(timeout=60.0, retry=retry)
    url = os.environ.get("NATS_URL", "nats://localhost:4222")
    async with await connect(url) as connection:
        await run(WorkerClient(connection, options), worker)


asyncio.run(main())
