//! Calls other nodes for openraft, over the generated client.

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

use super::kinds::Kinds;
use super::wire::OnWire;
use crate::raft::{RaftClient, SnapshotFault, SnapshotRequest};
use crate::types::NodeId;

/// What the headers of a message may take of its largest size.
pub(super) const HEADERS: usize = 512;

/// The most bytes in a piece of a snapshot: each is a value of its own to a reader, and readers take a million.
pub(super) const LARGEST_PIECE: usize = 512 * 1024;

type Failed<E> = RPCError<u64, BasicNode, RaftError<u64, E>>;
type Answered<T, E = openraft::error::Infallible> = Result<T, Failed<E>>;

/// Makes a [`Peer`] for each other node.
#[derive(Clone)]
pub(super) struct Network {
    pub(super) node: u64,
    pub(super) connection: Connection,
    /// How long a node that cannot be reached is left alone.
    pub(super) pause: Duration,
}

/// Calls one other node.
pub(super) struct Peer {
    network: Network,
    client: RaftClient,
    target: u64,
}

impl RaftNetworkFactory<Kinds> for Network {
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
    /// A client that waits as long as openraft does.
    fn client(&self, option: &RPCOption) -> RaftClient {
        let options = CallOptions::new().timeout(option.hard_ttl());
        self.client.clone().with_options(options)
    }

    fn target(&self) -> Result<NodeId, Violation> {
        NodeId::try_from(self.target)
    }

    /// openraft waits before it calls a node again that is [`Unreachable`], and calls at once after anything else. So
    /// that is what everything is which will not pass within a moment.
    fn failed<E: std::error::Error, F: Fault>(
        &self,
        action: RPCTypes,
        option: &RPCOption,
        error: &CallError<F>,
    ) -> Failed<E> {
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

    /// Sends one piece, in as many messages as it takes.
    async fn send(
        &self,
        request: InstallSnapshotRequest<Kinds>,
        option: &RPCOption,
    ) -> Answered<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        let target = self.target().map_err(|error| unfit(&error))?;
        let limit = self
            .network
            .piece(&request)
            .map_err(|error| unfit(&error))?;
        let (mut offset, is_last) = (request.offset, request.done);
        let mut rest = request.data.as_slice();
        loop {
            let (data, behind) = rest.split_at(limit.min(rest.len()));
            let message = InstallSnapshotRequest::<Kinds> {
                vote: request.vote,
                meta: request.meta.clone(),
                offset,
                data: data.to_vec(),
                done: is_last && behind.is_empty(),
            };
            let message = message.to_wire().map_err(|error| unfit(&error))?;
            let reply = self.client(option).snapshot(target, &message).await;
            let reply = reply.map_err(|error| self.refused(&message, option, &error))?;
            let reply = InstallSnapshotResponse::of_wire(reply).map_err(|error| unfit(&error))?;
            if behind.is_empty() || reply.vote > request.vote {
                return Ok(reply);
            }
            offset += data.len() as u64;
            rest = behind;
        }
    }

    fn refused(
        &self,
        request: &SnapshotRequest,
        option: &RPCOption,
        error: &CallError<SnapshotFault>,
    ) -> Failed<InstallSnapshotError> {
        let Some(SnapshotFault::SnapshotMismatch(_)) = error.fault() else {
            return self.failed(RPCTypes::InstallSnapshot, option, error);
        };
        let segment = |offset| SnapshotSegmentId {
            id: request.meta.snapshot_id.to_string(),
            offset,
        };
        let mismatch = SnapshotMismatch {
            expect: segment(0),
            got: segment(request.offset),
        };
        RPCError::RemoteError(RemoteError::new(
            self.target,
            RaftError::APIError(mismatch.into()),
        ))
    }
}

impl Network {
    /// How many bytes of a snapshot fit one message to the server that we are connected to now.
    fn piece(&self, request: &InstallSnapshotRequest<Kinds>) -> Result<usize, EncodeError> {
        let empty = InstallSnapshotRequest::<Kinds> {
            vote: request.vote,
            meta: request.meta.clone(),
            // The longest number, so that none is longer.
            offset: u64::MAX,
            data: Vec::new(),
            done: false,
        };
        let around = codec::encode(&empty.to_wire()?)?;
        let room = self.connection.max_payload();
        let room = room.saturating_sub(around.len() + HEADERS);
        Ok(piece_within(room))
    }
}

/// How many bytes of a snapshot fit `room` bytes of JSON: each takes up to three digits and a comma.
pub(super) fn piece_within(room: usize) -> usize {
    (room / 4).clamp(1, LARGEST_PIECE)
}

/// What does not fit the schema, on either way, will not fit it the next moment.
fn unfit<E: std::error::Error>(error: &(impl std::error::Error + 'static)) -> Failed<E> {
    RPCError::Unreachable(Unreachable::new(error))
}

impl RaftNetwork<Kinds> for Peer {
    async fn append_entries(
        &mut self,
        request: AppendEntriesRequest<Kinds>,
        option: RPCOption,
    ) -> Answered<AppendEntriesResponse<u64>> {
        let entries = request.entries.len() as u64;
        let request = request.to_wire().map_err(|error| unfit(&error))?;
        let target = self.target().map_err(|error| unfit(&error))?;
        let reply = self.client(&option).append(target, &request).await;
        let reply = reply.map_err(|error| match error.failure {
            Failure::NotDelivered(NotDelivered::TooLarge { .. }) if entries > 1 => {
                RPCError::PayloadTooLarge(PayloadTooLarge::new_entries_hint(entries / 2))
            }
            _ => self.failed(RPCTypes::AppendEntries, &option, &error),
        })?;
        AppendEntriesResponse::of_wire(reply).map_err(|error| unfit(&error))
    }

    async fn install_snapshot(
        &mut self,
        request: InstallSnapshotRequest<Kinds>,
        option: RPCOption,
    ) -> Answered<InstallSnapshotResponse<u64>, InstallSnapshotError> {
        self.send(request, &option).await
    }

    async fn vote(
        &mut self,
        request: VoteRequest<u64>,
        option: RPCOption,
    ) -> Answered<VoteResponse<u64>> {
        let request = request.to_wire().map_err(|error| unfit(&error))?;
        let target = self.target().map_err(|error| unfit(&error))?;
        let reply = self.client(&option).vote(target, &request).await;
        let reply = reply.map_err(|error| self.failed(RPCTypes::Vote, &option, &error))?;
        VoteResponse::of_wire(reply).map_err(|error| unfit(&error))
    }

    fn backoff(&self) -> Backoff {
        Backoff::new(std::iter::repeat(self.network.pause))
    }
}
