"""Reads pipeline events from JSON texts, publishes them to the workers on their routes, and receives them.

It needs no worker. The variable `NATS_URL` names the server.
"""

import asyncio
import os

from natsgen_runtime import DecodeError, connect, decode

from varpulis_sdk.types import GroupId, WorkerId
from varpulis_sdk.worker import PipelineEvent, WorkerClient, WorkerSubscriber

EVENTS = [
    b'{"event_type": "Hot", "timestamp": "2026-11-30T10:00:00Z", "sensor": "s1"}',
    b'{"event_type": "Hot", "timestamp": "yesterday", "sensor": "s2"}',
    b'{"event_type": "Cold", "timestamp": "2026-11-30T10:00:01Z", "sensor": "s3"}',
]
"""The second event has no valid time."""


async def publish(workers: WorkerClient, group: GroupId) -> int:
    """Publishes the valid events, and returns their number."""
    sender = WorkerId("w0")
    published = 0
    for text in EVENTS:
        try:
            # The decoder checks the whole schema. Its error names the JSON pointer of the invalid value.
            event = decode(PipelineEvent, text)
        except DecodeError as violation:
            print(f"not published: {violation.pointer} breaks the schema")
            continue
        receiver = WorkerId("w1" if event.event_type == "Hot" else "w2")
        await workers.pipeline_event(group, sender, receiver, event)
        published += 1
    print(f"published: {published} events")
    return published


async def main() -> None:
    """Publishes events and receives them."""
    url = os.environ.get("NATS_URL", "nats://localhost:4222")
    group = GroupId("plant")
    async with await connect(url) as connection:
        # The filter selects the events of the group. The other parameters of the subject may have any value.
        subscription = WorkerSubscriber(connection).pipeline_event(group=group)
        async with subscription as events:
            published = await publish(WorkerClient(connection), group)
            for _ in range(published):
                params, event = await anext(events)
                route = f"{params.from_worker} to {params.to_worker}"
                sensor = event.additional["sensor"]
                print(f"{route}: {event.event_type} of sensor {sensor}")


asyncio.run(main())
