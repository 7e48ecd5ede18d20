//! The server: answers requests from a table, and prints events.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{Context, Fault, Request, Side, codec};
use serde_json::{Value as Json, json};
use varpulis_sdk::Connection;
use varpulis_sdk::coordinator::{CoordinatorServer, Heartbeat, HeartbeatFilter};
use varpulis_sdk::raft::RaftServer;
use varpulis_sdk::types::{NodeId, WorkerId};
use varpulis_sdk::worker::{
    PipelineEvent, PipelineEventFilter, Registration, RegistrationFilter, WorkerServer,
};

use super::outcome::document;
use crate::Error;
use crate::result::{self, Answers};
use crate::services::implement_services;

/// Serves a role until the end of the input.
pub(crate) async fn run(url: &str, role: &str, id: &str) -> Result<bool, Error> {
    let mut input = result::input();
    let service = Scripted(Arc::new(Answers::read(&mut input).await?));
    let connection = Connection::nats(url).await?;
    let server = match role {
        "coordinator" => {
            print_heartbeats(&connection).await?;
            CoordinatorServer::new(service).start(&connection).await?
        }
        "raft" => {
            let node = NodeId::try_from(id.parse::<u64>()?)?;
            RaftServer::new(service).start(&connection, node).await?
        }
        _ => {
            print_registrations(&connection).await?;
            print_pipeline_events(&connection).await?;
            let worker = WorkerId::try_from(id)?;
            WorkerServer::new(service)
                .start(&connection, &worker)
                .await?
        }
    };
    result::print(&json!({ "ready": true }));
    while input.next_line().await?.is_some() {}
    server.shutdown().await;
    connection.close().await;
    Ok(true)
}

/// Answers from the table.
#[derive(Clone)]
struct Scripted(Arc<Answers>);

impl Scripted {
    async fn answer<R: Request>(
        &self,
        context: &Context,
        request: R,
    ) -> Result<R::Reply, R::Fault> {
        let operation = R::INFO.name;
        let request = document(&request);
        let answer = self.0.take(operation, &request);
        let answer = answer.unwrap_or_else(|| panic!("{operation}: unexpected {request}"));
        if let Some(delay) = answer["delay_ms"].as_u64() {
            tokio::time::sleep(Duration::from_millis(delay)).await;
        }
        if let Some(reply) = answer.get("ok") {
            return Ok(reply_of::<R>(reply));
        }
        if let Some(pause) = answer["retry_after_ms"].as_u64() {
            context.retry_after(Duration::from_millis(pause));
        }
        Err(fault_of::<R>(&answer["fault"]))
    }
}

fn reply_of<R: Request>(reply: &Json) -> R::Reply {
    codec::decode(reply.to_string().as_bytes(), Side::Reply).expect("the answer is a reply")
}

fn fault_of<R: Request>(fault: &Json) -> R::Fault {
    let text = |member: &str| fault[member].as_str().unwrap_or_default();
    R::Fault::from_code(text("code"), text("detail").to_owned())
        .expect("the operation declares the fault")
}

implement_services!(Scripted, |service, context, message| service
    .answer(context, message)
    .await);

macro_rules! printer {
    ($function:ident, $event:ty, $filter:ty, $($param:ident),+) => {
        async fn $function(connection: &Connection) -> Result<(), Error> {
            let mut events = connection.subscribe::<$event>(&<$filter>::default()).await?;
            tokio::spawn(async move {
                while let Some(Ok(received)) = events.next().await {
                    let params = json!({ $(stringify!($param): received.params.$param.to_string()),+ });
                    result::print(&json!({
                        "event": <$event as natsgen_runtime::Event>::INFO.name,
                        "params": params,
                        "message": document(&received.event),
                    }));
                }
            });
            Ok(())
        }
    };
}

printer!(print_heartbeats, Heartbeat, HeartbeatFilter, worker_id);
printer!(
    print_registrations,
    Registration,
    RegistrationFilter,
    worker_id
);
printer!(
    print_pipeline_events,
    PipelineEvent,
    PipelineEventFilter,
    group,
    from_worker,
    to_worker
);
