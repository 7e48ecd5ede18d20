//! Running stores and a client.

use std::time::Duration;

use keyvalue::protocol::store::{
    GetFault, GetReply, GetRequest, PutFault, PutReply, PutRequest, RemoveFault, RemoveRequest,
    StoreClient, StoreServer,
};
use keyvalue::protocol::types::{BucketName, Content, Key, Revision, WriterId};
use natsgen_runtime::{CallError, CallOptions, Failure, Fault, Refused, Server};

use crate::network::Network;
use crate::store::{Store, StoreState};

/// Far more than any step takes: it turns a hang into a failure.
pub(crate) const TEST_TIMEOUT: Duration = Duration::from_secs(30);

pub(crate) const ALICE: &str = "0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c11";
pub(crate) const BOB: &str = "0195f3a0-7c1e-7b52-8a2e-0f6f6d1f9c12";

/// Stores over a shared state, and a client.
pub(crate) struct Fixture {
    pub(crate) state: StoreState,
    pub(crate) client: StoreClient,
    pub(crate) servers: Vec<Server>,
}

impl Fixture {
    pub(crate) async fn new(network: &Network, stores: usize) -> Self {
        let state = StoreState::new();
        // Longer than the default of 0.5 s for a `get`, because tests run in parallel.
        let options = CallOptions::new().timeout(TEST_TIMEOUT);
        let mut servers = Vec::new();
        for _ in 0..stores {
            let connection = network.connect().await;
            let server = StoreServer::new(Store::new(&state, &connection));
            servers.push(server.start(&connection).await.unwrap());
        }
        Self {
            state,
            client: StoreClient::new(&network.connect().await).options(options),
            servers,
        }
    }

    pub(crate) async fn put(
        &self,
        at: (&str, &str),
        request: &PutRequest,
    ) -> Result<PutReply, PutFault> {
        let put = self.client.put(&bucket(at.0), &key(at.1), request).await;
        put.map_err(declared)
    }

    pub(crate) async fn get(
        &self,
        at: (&str, &str),
        revision: Option<u64>,
    ) -> Result<GetReply, GetFault> {
        let mut request = GetRequest::default();
        request.revision = revision.map(number);
        let got = self.client.get(&bucket(at.0), &key(at.1), &request).await;
        got.map_err(declared)
    }

    pub(crate) async fn remove(
        &self,
        at: (&str, &str),
        expected: Option<u64>,
    ) -> Result<u64, RemoveFault> {
        let mut request = RemoveRequest::default();
        request.expected_revision = expected.map(number);
        let removed = self
            .client
            .remove(&bucket(at.0), &key(at.1), &request)
            .await;
        let reply = removed.map_err(declared)?;
        Ok(reply.revision.get())
    }
}

/// The declared error of the operation.
fn declared<F: Fault + Clone>(error: CallError<F>) -> F {
    match error.failure {
        Failure::Refused(Refused::Fault(fault)) => fault,
        other => panic!("{other:?}"),
    }
}

pub(crate) fn put(writer: &str, words: &str) -> PutRequest {
    PutRequest::new(WriterId::try_from(writer).unwrap(), text(words), None)
}

pub(crate) fn text(words: &str) -> Content {
    Content::Text(words.try_into().unwrap())
}

pub(crate) fn bucket(name: &str) -> BucketName {
    BucketName::try_from(name).unwrap()
}

pub(crate) fn key(name: &str) -> Key {
    Key::try_from(name).unwrap()
}

pub(crate) fn number(revision: u64) -> Revision {
    Revision::try_from(revision).unwrap()
}
