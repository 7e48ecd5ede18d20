//! The same store over handwritten HTTP: axum as the server, reqwest as the client, `serde_json` in both directions.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, State};
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use natsgen_runtime::{Side, codec};
use openraft::error::{InstallSnapshotError, NetworkError, RPCError, RaftError, RemoteError};
use openraft::network::{RPCOption, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use openraft::{BasicNode, Config, SnapshotPolicy};
use reqwest::Client;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::time::timeout;
use varpulis_sdk::replica::{ReplicaOptions, TypeConfig};
use varpulis_sdk::types::NodeId;

use super::{Commands, ELECTION_LIMIT, NODES};
use crate::Failure;
use crate::contender::Call;

type Raft = openraft::Raft<TypeConfig>;
type Answer<T, E = openraft::error::Infallible> = Result<T, RaftError<u64, E>>;
type Answered<T, E = openraft::error::Infallible> =
    Result<T, RPCError<u64, BasicNode, RaftError<u64, E>>>;

/// Commits commands through the leader.
#[derive(Clone)]
pub(super) struct Http {
    leader: Raft,
    commands: Commands,
    /// Dropped last.
    _folder: Arc<TempDir>,
}

impl Http {
    /// Starts a cluster on free ports.
    ///
    /// # Errors
    /// If a node does not start, or no leader is elected.
    pub(super) async fn start() -> Result<Self, Failure> {
        let folder = tempfile::tempdir()?;
        let mut members = BTreeMap::new();
        let mut nodes = Vec::new();
        for number in 1..=NODES {
            let options = ReplicaOptions::new(
                NodeId::try_from(number)?,
                folder.path().join(number.to_string()),
            );
            let (log, machine) = options.storage().await?;
            let network = Network(Client::builder().no_proxy().build()?);
            let raft = Raft::new(number, Arc::new(config()), network, log, machine).await?;
            members.insert(number, BasicNode::new(serve(raft.clone()).await?));
            nodes.push(raft);
        }
        let first = nodes.remove(0);
        first.initialize(members).await?;
        let mut metrics = first.metrics();
        let leads = metrics.wait_for(|metrics| metrics.state.is_leader());
        timeout(ELECTION_LIMIT, leads).await??;
        Ok(Self {
            leader: first,
            commands: Commands::default(),
            _folder: Arc::new(folder),
        })
    }
}

impl Call for Http {
    async fn call(&self) -> Result<(), Failure> {
        let command = codec::encode(&self.commands.next()?)?;
        let entry = codec::decode(&command, Side::Request)?;
        self.leader.client_write(vec![entry]).await?;
        Ok(())
    }
}

/// The defaults of [`ReplicaOptions`].
fn config() -> Config {
    Config {
        heartbeat_interval: 500,
        election_timeout_min: 1_500,
        election_timeout_max: 3_000,
        snapshot_policy: SnapshotPolicy::LogsSinceLast(5_000),
        max_in_snapshot_log_to_keep: 500,
        ..Config::default()
    }
}

/// Serves a node on a free port, and returns the URL.
async fn serve(raft: Raft) -> Result<String, Failure> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("http://{}", listener.local_addr()?);
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            eprintln!("axum runs without TCP_NODELAY: {error}");
        }
    });
    let router = Router::new()
        .route("/append", post(append))
        .route("/snapshot", post(snapshot))
        .route("/vote", post(vote))
        .layer(DefaultBodyLimit::disable())
        .with_state(raft);
    tokio::spawn(async move { axum::serve(listener, router).await });
    Ok(url)
}

async fn append(
    State(raft): State<Raft>,
    Json(request): Json<AppendEntriesRequest<TypeConfig>>,
) -> Json<Answer<AppendEntriesResponse<u64>>> {
    Json(raft.append_entries(request).await)
}

async fn snapshot(
    State(raft): State<Raft>,
    Json(request): Json<InstallSnapshotRequest<TypeConfig>>,
) -> Json<Answer<InstallSnapshotResponse<u64>, InstallSnapshotError>> {
    Json(raft.install_snapshot(request).await)
}

async fn vote(
    State(raft): State<Raft>,
    Json(request): Json<VoteRequest<u64>>,
) -> Json<Answer<VoteResponse<u64>>> {
    Json(raft.vote(request).await)
}

/// Creates a [`Peer`] for each other node.
struct Network(Client);

/// Calls another node.
struct Peer {
    client: Client,
    target: u64,
    url: String,
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = Peer;

    async fn new_client(&mut self, target: u64, node: &BasicNode) -> Peer {
        Peer {
            client: self.0.clone(),
            target,
            url: node.addr.clone(),
        }
    }
}

impl Peer {
    async fn call<T: DeserializeOwned, E: Error + DeserializeOwned>(
        &self,
        path: &str,
        request: &impl Serialize,
        option: &RPCOption,
    ) -> Answered<T, E> {
        let request = self
            .client
            .post(format!("{}/{path}", self.url))
            .timeout(option.hard_ttl())
            .json(request);
        let failed = |error| RPCError::Network(NetworkError::new(&error));
        let reply = request.send().await.map_err(failed)?;
        let answer: Answer<T, E> = reply.json().await.map_err(failed)?;
        answer.map_err(|error| RPCError::RemoteError(RemoteError::new(self.target, error)))
    }
}

impl RaftNetwork<TypeConfig> for Peer {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> Answered<AppendEntriesResponse<u64>> {
        self.call("append", &request, &option).await
    }

    async fn install_snapshot(
        &mut self,
        request: InstallSnapshotRequest<TypeConfig>,
        option: RPCOption,
    ) -> Answered<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        self.call("snapshot", &request, &option).await
    }

    async fn vote(
        &mut self,
        request: VoteRequest<u64>,
        option: RPCOption,
    ) -> Answered<VoteResponse<u64>> {
        self.call("vote", &request, &option).await
    }
}
