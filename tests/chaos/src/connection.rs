//! The connections of the child processes, and their keys.

use std::collections::BTreeMap;
use std::time::Duration;

use natsgen_runtime::{Connection, NatsOptions};
use varpulis_sdk::subject::PREFIX;
use varpulis_sdk::types::{ApiKey, WorkerId};

use crate::Failure;
use crate::cluster::WORKERS;

/// The API key of coordinators, and of workers that have no key of their own.
pub(crate) const API_KEY: &str = "secret";

/// How long a process waits for its server.
const WAIT: Duration = Duration::from_mins(1);

/// The API keys of the workers of a cluster. Each worker has a key of its own, which lets it replace its instance before.
pub(crate) fn worker_keys() -> Result<BTreeMap<WorkerId, ApiKey>, Failure> {
    let own = |number: u64| {
        let id = WorkerId::try_from(format!("w{number}"))?;
        let key = format!("{API_KEY}-{id}").try_into()?;
        Ok((id, key))
    };
    (1..=WORKERS).map(own).collect()
}

/// The API key of worker `id`.
pub(crate) fn worker_key(id: &WorkerId) -> Result<ApiKey, Failure> {
    match worker_keys()?.remove(id) {
        Some(key) => Ok(key),
        None => Ok(API_KEY.try_into()?),
    }
}

/// The subject with these tokens after the prefix of the protocol.
pub(crate) fn subject(tokens: &str) -> String {
    format!("{}.{tokens}", PREFIX.as_str())
}

pub(crate) async fn connect(url: &str) -> Result<Connection, Failure> {
    Ok(options(url).connect().await?)
}

/// Options of a connection that waits for a server that is not up yet.
pub(crate) fn options(url: &str) -> NatsOptions {
    NatsOptions::new(url).wait(WAIT)
}
