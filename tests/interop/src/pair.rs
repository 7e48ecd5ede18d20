//! A client against a server over a nats-server of their own.

use std::collections::BTreeMap;

use natsgen_testing::NatsServer;
use serde_json::Value as Json;

use crate::Error;
use crate::behaviour::{self, Behaviour};
use crate::case::Case;
use crate::language::Language;
use crate::process::Process;
use crate::result::is_equal;

/// The roles and the ids of their servers.
const ROLES: [(&str, &str); 3] = [("coordinator", "-"), ("raft", "1"), ("worker", "worker-0")];

/// The result of a pair.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) checks: usize,
    /// The differences between expected and actual results.
    pub(crate) differences: Vec<String>,
}

/// Runs all cases of a pair. An error of a peer is a difference, too.
pub(crate) async fn run(
    client: &Language,
    server: &Language,
    cases: &[Case],
) -> Result<Outcome, Error> {
    let mut outcome = Outcome::default();
    let nats = NatsServer::start()?;
    if let Err(error) = run_all(nats, client, server, cases, &mut outcome).await {
        outcome.differences.push(error.to_string());
    }
    Ok(outcome)
}

async fn run_all(
    mut nats: NatsServer,
    client: &Language,
    server: &Language,
    cases: &[Case],
    outcome: &mut Outcome,
) -> Result<(), Error> {
    let url = nats.url();
    let cases: Vec<&Case> = cases.iter().filter(|case| case.suits(server)).collect();
    // A raw peer measures no time and cancels nothing.
    let is_typed = !client.is_raw && !server.is_raw;
    let behaviours = if is_typed {
        behaviour::all()
    } else {
        Vec::new()
    };
    let mut servers = start_servers(&url, server, &cases, &behaviours).await?;
    let mut caller = Process::start(client, &["call", &url])?;
    for case in cases {
        let result = call(&mut caller, &case.order()).await?;
        outcome.check(&case.name, &case.expected(client), &result);
        if case.is_event() {
            let role = if server.is_raw { "raw" } else { &case.role };
            let printed = servers.get_mut(role).ok_or("no server")?.read().await?;
            outcome.check(&case.name, &case.event_line(), &printed);
        }
    }
    for behaviour in behaviours {
        caller.write(&behaviour.order.to_string()).await?;
        if behaviour.stops_nats {
            behaviour::pause().await;
            nats.kill();
        }
        let result = without_case(caller.read().await?);
        outcome.check(&behaviour.name(), &behaviour.expect, &result);
        for event in behaviour.events() {
            let printed = servers
                .get_mut("coordinator")
                .ok_or("no server")?
                .read()
                .await?;
            outcome.check(&behaviour.name(), &event, &printed);
        }
    }
    caller.finish().await?;
    for server in servers.into_values() {
        server.finish().await?;
    }
    Ok(())
}

/// Starts a server for each role, or a single raw server for all roles.
async fn start_servers(
    url: &str,
    server: &Language,
    cases: &[&Case],
    behaviours: &[Behaviour],
) -> Result<BTreeMap<&'static str, Process>, Error> {
    let mut servers = BTreeMap::new();
    let roles: &[(&str, &str)] = if server.is_raw {
        &[("raw", "-")]
    } else {
        &ROLES
    };
    for (role, id) in roles.iter().copied() {
        let mut process = Process::start(server, &["serve", url, role, id])?;
        for case in cases
            .iter()
            .filter(|case| server.is_raw || case.role == role)
        {
            if let Some(line) = case.answer_line() {
                process.write(&line).await?;
            }
        }
        for behaviour in behaviours
            .iter()
            .filter(|behaviour| behaviour.role() == role)
        {
            if let Some(answer) = &behaviour.answer {
                process.write(&answer.to_string()).await?;
            }
        }
        process.write("").await?;
        let ready = process.read().await?;
        if ready != serde_json::json!({ "ready": true }) {
            return Err(format!("{}: the server prints {ready}", server.name).into());
        }
        servers.insert(role, process);
    }
    Ok(servers)
}

/// Executes an order.
async fn call(caller: &mut Process, order: &str) -> Result<Json, Error> {
    caller.write(order).await?;
    Ok(without_case(caller.read().await?))
}

fn without_case(mut result: Json) -> Json {
    if let Some(members) = result.as_object_mut() {
        members.remove("case");
    }
    result
}

impl Outcome {
    fn check(&mut self, name: &str, expected: &Json, actual: &Json) {
        self.checks += 1;
        if !is_equal(expected, actual) {
            let difference = format!("{name}: expected {expected}, not {actual}");
            self.differences.push(difference);
        }
    }
}
