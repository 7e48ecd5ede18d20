//! The Raft network: sends openraft's requests to other nodes through the generated client.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{
    CallError, CallOptions, Connection, EncodeError, Failure, Fault, NoAnswer, NotDelivered,
    Violation, codec,
};
use openraft::error::{
    InstallSnapshotError, NetworkError, PayloadTooLarge, RPCError, RaftError, RemoteError,
    SnapshotMismatch, Timeout, Unreachable,
};
use openraft::network::{Backoff, RPCOption, RPCTypes, RaftNetwork, RaftNetworkFactory};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use openraft::{BasicNode, SnapshotSegmentId};

use super::batch_readers::reads_batches;
use super::bounds::MAX_NUMBER;
use super::convert::Convert;
use super::identity::Identity;
use super::reply_validator::{ReplyValidator, Sent};
use super::type_config::TypeConfig;
use crate::raft::{RaftClient, SnapshotFault, SnapshotRequest};
use crate::types::NodeId;

/// The size that is reserved for the headers of a message.
pub(super) const HEADERS: usize = 512;

/// The limit of bytes in a piece of a snapshot. Each byte is a JSON value, and readers accept a million values.
pub(super) const MAX_PIECE: usize = 512 * 1024;

type PeerError<E> = RPCError<u64, BasicNode, RaftError<u64, E>>;
type PeerResult<T, E = openraft::error::Infallible> = Result<T, PeerError<E>>;

/// Creates a [`Peer`] for each other node.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) node: u64,
    pub(super) connection: Connection,
    /// The pause before another attempt at an unreachable node.
    pub(super) pause: Duration,
    pub(super) validator: ReplyValidator,
    pub(super) identity: Arc<Identity>,
}

/// Sends requests to another node.
pub(super) struct Peer {
    network: Network,
    client: RaftClient,
    target: u64,
}

impl RaftNetworkFactory<TypeConfig> for Network {
    type Network = Peer;

    async fn new_client(&mut self, target: u64, _: &BasicNode) -> Peer {
        Peer {
            network: self.clone(),
            client: RaftClient::new(&self.connection),
            target,
        }
    }
}

impl Peer {
    /// A client with openraft's timeout.
    fn client(&self, option: &RPCOption) -> RaftClient {
        let options = CallOptions::new().timeout(option.hard_ttl());
        self.client.clone().options(options)
    }

    fn target(&self) -> Result<NodeId, Violation> {
        NodeId::try_from(self.target)
    }

    /// openraft pauses before another attempt only after [`Unreachable`]. So this is the error for all causes that last
    /// longer than a moment.
    fn peer_error<E: std::error::Error, F: Fault>(
        &self,
        action: RPCTypes,
        option: &RPCOption,
        error: &CallError<F>,
    ) -> PeerError<E> {
        match &error.failure {
            Failure::NoAnswer(NoAnswer::TimedOut) => RPCError::Timeout(Timeout {
                action,
                id: self.network.node,
                target: self.target,
                timeout: option.hard_ttl(),
            }),
            Failure::NoAnswer(_) => RPCError::Network(NetworkError::new(error)),
            _ => RPCError::Unreachable(Unreachable::new(error)),
        }
    }

    /// Sends a piece of a snapshot, in as many messages as needed.
    async fn send(
        &self,
        request: InstallSnapshotRequest<TypeConfig>,
        option: &RPCOption,
    ) -> PeerResult<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        let target = self.target().map_err(|error| schema_error(&error))?;
        if request.offset == 0 && !reads_batches(&self.client(option), self.target).await {
            // Varpulis 0.11 stops for good at a snapshot that it cannot read.
            tracing::warn!(
                target = self.target,
                "a node does not report that it reads snapshots; none is sent"
            );
            let reason = "expected a node that reports `batches` in its status";
            return Err(schema_error(&Violation::new(reason)));
        }
        let limit = self
            .network
            .piece_size(&request)
            .map_err(|error| schema_error(&error))?;
        let (mut offset, is_last) = (request.offset, request.done);
        let mut rest = request.data.as_slice();
        loop {
            let (data, remaining) = rest.split_at(limit.min(rest.len()));
            let message = InstallSnapshotRequest::<TypeConfig> {
                vote: request.vote,
                meta: request.meta.clone(),
                offset,
                data: data.to_vec(),
                done: is_last && remaining.is_empty(),
            };
            let mut message = message.to_wire().map_err(|error| schema_error(&error))?;
            message.cluster_id = self.network.identity.cluster();
            let reply = self.client(option).snapshot(target, &message).await;
            let reply = reply.map_err(|error| self.snapshot_error(&message, option, &error))?;
            let reply =
                InstallSnapshotResponse::from_wire(reply).map_err(|error| schema_error(&error))?;
            let checked = self
                .network
                .validator
                .check_vote(&reply.vote, &request.vote);
            checked.map_err(|error| schema_error(&error))?;
            if remaining.is_empty() || reply.vote > request.vote {
                return Ok(reply);
            }
            offset += data.len() as u64;
            rest = remaining;
        }
    }

    fn snapshot_error(
        &self,
        request: &SnapshotRequest,
        option: &RPCOption,
        error: &CallError<SnapshotFault>,
    ) -> PeerError<InstallSnapshotError> {
        let Some(SnapshotFault::SnapshotMismatch(_)) = error.fault() else {
            return self.peer_error(RPCTypes::InstallSnapshot, option, error);
        };
        let segment = |offset| SnapshotSegmentId {
            id: request.meta.snapshot_id.to_string(),
            offset,
        };
        let mismatch = SnapshotMismatch {
            expect: segment(0),
            got: segment(request.offset.get()),
        };
        RPCError::RemoteError(RemoteError::new(
            self.target,
            RaftError::APIError(mismatch.into()),
        ))
    }
}

impl Network {
    /// The number of snapshot bytes that fit into a message to the current server.
    fn piece_size(
        &self,
        request: &InstallSnapshotRequest<TypeConfig>,
    ) -> Result<usize, EncodeError> {
        let empty = InstallSnapshotRequest::<TypeConfig> {
            vote: request.vote,
            meta: request.meta.clone(),
            // The longest number, so that no offset needs more bytes.
            offset: MAX_NUMBER,
            data: Vec::new(),
            done: false,
        };
        let mut empty = empty.to_wire()?;
        empty.cluster_id = self.identity.cluster();
        let around = codec::encode(&empty)?;
        let room = self.connection.max_payload();
        let room = room.saturating_sub(around.len() + HEADERS);
        Ok(piece_within(room))
    }
}

/// The number of snapshot bytes that fit into `room` bytes of JSON: each takes up to three digits and a comma.
pub(super) fn piece_within(room: usize) -> usize {
    (room / 4).clamp(1, MAX_PIECE)
}

/// A value that does not match the schema, or a reply that is not possible, will not be better in the next moment.
fn schema_error<E: std::error::Error>(error: &(impl std::error::Error + 'static)) -> PeerError<E> {
    RPCError::Unreachable(Unreachable::new(error))
}

impl RaftNetwork<TypeConfig> for Peer {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<TypeConfig>,
        option: RPCOption,
    ) -> PeerResult<AppendEntriesResponse<u64>> {
        let entries = request.entries.len() as u64;
        let sent = Sent::of(&request);
        let mut request = request.to_wire().map_err(|error| schema_error(&error))?;
        request.cluster_id = self.network.identity.cluster();
        let target = self.target().map_err(|error| schema_error(&error))?;
        let reply = self.client(&option).append(target, &request).await;
        let reply = reply.map_err(|error| match error.failure {
            Failure::NotDelivered(NotDelivered::TooLarge { .. }) if entries > 1 => {
                RPCError::PayloadTooLarge(PayloadTooLarge::new_entries_hint(entries / 2))
            }
            _ => self.peer_error(RPCTypes::AppendEntries, &option, &error),
        })?;
        let reply =
            AppendEntriesResponse::from_wire(reply).map_err(|error| schema_error(&error))?;
        let validator = &self.network.validator;
        let checked = validator.check_append(self.target, &sent, &reply);
        checked.map_err(|error| schema_error(&error))?;
        Ok(reply)
    }

    async fn install_snapshot(
        &mut self,
        request: InstallSnapshotRequest<TypeConfig>,
        option: RPCOption,
    ) -> PeerResult<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        self.send(request, &option).await
    }

    async fn vote(
        &mut self,
        request: VoteRequest<u64>,
        option: RPCOption,
    ) -> PeerResult<VoteResponse<u64>> {
        let sent = request.vote;
        let mut request = request.to_wire().map_err(|error| schema_error(&error))?;
        request.cluster_id = self.network.identity.cluster();
        let target = self.target().map_err(|error| schema_error(&error))?;
        let reply = self.client(&option).vote(target, &request).await;
        let reply = reply.map_err(|error| self.peer_error(RPCTypes::Vote, &option, &error))?;
        let reply = VoteResponse::from_wire(reply).map_err(|error| schema_error(&error))?;
        let checked = self.network.validator.check_vote(&reply.vote, &sent);
        checked.map_err(|error| schema_error(&error))?;
        Ok(reply)
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(self.network.pause))
    }
}
