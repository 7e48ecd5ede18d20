/**
 * The script of the page in the browser. It reports the result of each step to the server of the page, which also stops
 * and starts the NATS server.
 */

import { CallError, type Connection } from "natsgen-runtime";
import { connect } from "natsgen-runtime/web";
import {
  CoordinatorClient,
  DeployFault,
  HEARTBEAT,
  PipelineId,
  serveWorker,
  WorkerClient,
  WorkerId,
  type WorkerService,
} from "varpulis-sdk";

const worker = WorkerId("browser");
const pipeline = { name: "alerts", source: "stream Hot = Reading where celsius > 90" };

/** Asks the server of the page. */
async function ask(path: string, body = ""): Promise<string> {
  const response = await fetch(path, { method: "POST", body });
  return response.text();
}

/** The name and the public members of an error. */
function describe(error: unknown): string {
  if (error instanceof DeployFault) {
    return `DeployFault ${error.code} ${error.detail}`;
  }
  return error instanceof CallError ? `CallError ${error.phase} ${error.reason} ${error.pointer}` : String(error);
}

async function outcome(call: Promise<unknown>): Promise<string> {
  try {
    return JSON.stringify(await call);
  } catch (error) {
    return describe(error);
  }
}

/** Deploys each pipeline, except for the names that choose another outcome. */
const service = {
  async deploy(context, request) {
    switch (request.name) {
      case "full":
        throw DeployFault.quotaExceeded("8 pipelines");
      case "slow":
        await new Promise((resolve) => {
          context.signal.addEventListener("abort", resolve);
        });
    }
    return { id: PipelineId("p1"), name: request.name, status: "running" };
  },
} satisfies Partial<WorkerService>;

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Receives an event of the page and an event of Node. */
async function heartbeats(connection: Connection): Promise<string> {
  const subscription = await connection.subscribe(HEARTBEAT, {});
  const coordinator = new CoordinatorClient(connection);
  await coordinator.heartbeat(worker, { events_processed: 2n ** 60n + 1n, pipelines_running: 1 });
  await connection.flush();
  await ask("/heartbeat");
  const received: string[] = [];
  for await (const { params, event } of subscription) {
    received.push(`${params.worker_id} ${String(event.events_processed)}`);
    if (received.length === 2) {
      break;
    }
  }
  return received.join(", ");
}

/** Loses the connection while a call runs, and calls again after the reconnection. */
async function loss(connection: Connection, client: WorkerClient): Promise<string[]> {
  const running = outcome(client.deploy(worker, { ...pipeline, name: "slow" }, { timeout: 60_000 }));
  await connection.flush();
  await ask("/kill");
  const lost = await running;
  const down = await outcome(client.deploy(worker, pipeline));
  await ask("/restart");
  await until(() => connection.isConnected);
  await connection.flush();
  return [lost, down, await outcome(client.deploy(worker, pipeline))];
}

async function run(): Promise<unknown> {
  const servers = await ask("/server");
  await using connection = await connect({ servers });
  await using _ = await serveWorker(connection, worker, service as unknown as WorkerService);
  const client = new WorkerClient(connection);
  const deploy = (name: string): Promise<string> => outcome(client.deploy(worker, { ...pipeline, name }));
  return {
    success: await deploy("alerts"),
    fault: await deploy("full"),
    invalid: await deploy(""),
    violation: await ask("/violation"),
    heartbeats: await heartbeats(connection),
    loss: await loss(connection, client),
  };
}

await ask("/report", await outcome(run()));
