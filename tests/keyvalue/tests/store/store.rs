//! An in-memory store: the implementation that a team writes for the protocol.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use keyvalue::protocol::app::{AppClient, Change, Changed, Written};
use keyvalue::protocol::store::{
    GetFault, GetParams, GetReply, GetRequest, ListParams, ListReply, ListRequest,
    ListRequestOrder, Listed, PutFault, PutMode, PutParams, PutReply, PutRequest, RemoveFault,
    RemoveParams, RemoveReply, RemoveRequest, StoreService,
};
use keyvalue::protocol::types::{BucketName, Content, Key, Revision};
use natsgen_runtime::{Connection, Context, Secs};
use tokio::sync::Semaphore;

use crate::fixture::text;

/// Writes of this text wait until they are released.
pub(crate) const SLOW: &str = "slow";

/// The shared state of the stores of a queue group. A clone is another handle to it.
#[derive(Clone)]
pub(crate) struct StoreState {
    buckets: Arc<Mutex<BTreeMap<BucketName, Bucket>>>,
    /// The writes that the stores began, in order.
    begun: Arc<Mutex<Vec<Content>>>,
    /// Releases slow writes.
    pub(crate) permits: Arc<Semaphore>,
}

#[derive(Default)]
struct Bucket {
    writes: u64,
    entries: BTreeMap<Key, Vec<Version>>,
}

/// A write of an entry; a removal has no content.
#[derive(Clone)]
struct Version {
    revision: Revision,
    put: Option<PutRequest>,
}

/// A store.
pub(crate) struct Store {
    state: StoreState,
    apps: AppClient,
}

impl StoreState {
    pub(crate) fn new() -> Self {
        Self {
            buckets: Arc::default(),
            begun: Arc::default(),
            permits: Arc::new(Semaphore::new(0)),
        }
    }

    /// Takes the writes that the stores began.
    pub(crate) fn begun(&self) -> Vec<Content> {
        std::mem::take(&mut self.begun.lock().unwrap())
    }
}

impl Store {
    pub(crate) fn new(state: &StoreState, connection: &Connection) -> Self {
        Self {
            state: state.clone(),
            apps: AppClient::new(connection),
        }
    }

    async fn publish_change(
        &self,
        bucket: &BucketName,
        key: &Key,
        revision: Revision,
        change: Change,
    ) {
        let event = Changed::new(revision, time_of(revision).try_into().unwrap(), change);
        self.apps.changed(bucket, key, &event).await.unwrap();
    }
}

impl Bucket {
    fn newest(&self, key: &Key) -> Option<&Version> {
        let newest = self.entries.get(key)?.last()?;
        newest.put.is_some().then_some(newest)
    }

    fn write(&mut self, key: &Key, put: Option<PutRequest>) -> Revision {
        self.writes += 1;
        let revision = Revision::try_from(self.writes).unwrap();
        let versions = self.entries.entry(key.clone()).or_default();
        versions.push(Version { revision, put });
        revision
    }

    /// The revision of the entry, or the detail of a conflict.
    fn expect(&self, key: &Key, expected: Option<Revision>) -> Result<Option<Revision>, String> {
        let found = self.newest(key).map(|version| version.revision);
        match (expected, found) {
            (Some(expected), Some(found)) if expected != found => Err(found.to_string()),
            (Some(_), None) => Err(String::new()),
            _ => Ok(found),
        }
    }

    fn put(&mut self, key: &Key, request: &PutRequest) -> Result<PutReply, PutFault> {
        let replaced = self
            .expect(key, request.expected_revision)
            .map_err(PutFault::RevisionConflict)?;
        match (request.mode, replaced) {
            (PutMode::Insert, Some(found)) => {
                return Err(PutFault::RevisionConflict(found.to_string()));
            }
            (PutMode::Replace, None) => return Err(PutFault::KeyNotFound),
            _ => {}
        }
        let revision = self.write(key, Some(request.clone()));
        for alias in request.aliases.iter().flatten() {
            self.write(alias, Some(request.clone()));
        }
        Ok(PutReply::new(revision, replaced))
    }
}

impl StoreService for Store {
    async fn get(
        &self,
        _: &Context,
        params: GetParams,
        request: GetRequest,
    ) -> Result<GetReply, GetFault> {
        let buckets = self.state.buckets.lock().unwrap();
        let bucket = buckets.get(&params.bucket).ok_or(GetFault::KeyNotFound)?;
        let version = match request.revision {
            None => bucket.newest(&params.key),
            Some(revision) => bucket
                .entries
                .get(&params.key)
                .and_then(|versions| versions.iter().find(|one| one.revision == revision)),
        };
        let Some(Version {
            revision,
            put: Some(put),
        }) = version.cloned()
        else {
            return Err(GetFault::KeyNotFound);
        };
        let mut reply = GetReply::new(put.content, revision, time_of(revision).try_into().unwrap());
        reply.ttl = put.ttl.map(remaining_ttl);
        reply.labels = put.labels;
        Ok(reply)
    }

    async fn list(
        &self,
        _: &Context,
        params: ListParams,
        request: ListRequest,
    ) -> Result<ListReply, Infallible> {
        let buckets = self.state.buckets.lock().unwrap();
        let mut keys: Vec<Listed> = buckets
            .get(&params.bucket)
            .into_iter()
            .flat_map(|bucket| {
                let newest = |key| bucket.newest(key);
                let keys = bucket.entries.keys();
                keys.filter_map(move |key| Some((key, newest(key)?)))
            })
            .filter(|(key, _)| key.as_str().starts_with(request.starts_with.as_str()))
            .map(|(key, version)| {
                let size = size(version.put.as_ref()).try_into().unwrap();
                let expires_in = version
                    .put
                    .as_ref()
                    .and_then(|put| put.ttl)
                    .map(remaining_ttl);
                Listed::new(key.clone(), version.revision, size, expires_in)
            })
            .collect();
        match request.order {
            ListRequestOrder::ByKey => {}
            ListRequestOrder::OldestFirst => keys.sort_by_key(|listed| listed.revision),
            ListRequestOrder::NewestFirst => {
                keys.sort_by_key(|listed| std::cmp::Reverse(listed.revision));
            }
        }
        let limit = usize::from(request.limit.get());
        let more = keys.len() > limit;
        keys.truncate(limit);
        let keys = keys.try_into().unwrap();
        Ok(ListReply::new(keys, more))
    }

    async fn put(
        &self,
        _: &Context,
        params: PutParams,
        request: PutRequest,
    ) -> Result<PutReply, PutFault> {
        let begun = request.content.clone();
        self.state.begun.lock().unwrap().push(begun);
        if request.content == text(SLOW) {
            self.state.permits.acquire().await.unwrap().forget();
        }
        let reply = {
            let mut buckets = self.state.buckets.lock().unwrap();
            let bucket = buckets.entry(params.bucket.clone()).or_default();
            bucket.put(&params.key, &request)?
        };
        let written = Change::Written(Written::new(request.writer, request.content));
        self.publish_change(&params.bucket, &params.key, reply.revision, written)
            .await;
        Ok(reply)
    }

    async fn remove(
        &self,
        _: &Context,
        params: RemoveParams,
        request: RemoveRequest,
    ) -> Result<RemoveReply, RemoveFault> {
        let revision = {
            let mut buckets = self.state.buckets.lock().unwrap();
            let bucket = buckets.entry(params.bucket.clone()).or_default();
            bucket
                .expect(&params.key, request.expected_revision)
                .map_err(RemoveFault::RevisionConflict)?
                .ok_or(RemoveFault::KeyNotFound)?;
            bucket.write(&params.key, None)
        };
        self.publish_change(&params.bucket, &params.key, revision, Change::Deleted)
            .await;
        Ok(RemoveReply::new(revision))
    }
}

fn size(put: Option<&PutRequest>) -> u32 {
    match put.map(|put| &put.content) {
        Some(Content::Text(text)) => u32::try_from(text.len()).unwrap(),
        _ => 0,
    }
}

/// The remaining time of an entry: its full time, since the clock of the store advances only with writes.
pub(crate) fn remaining_ttl(ttl: Secs<1, 31_536_000>) -> Secs<0, 31_536_000> {
    ttl.get().try_into().unwrap()
}

/// The clock of the store: a second per write.
fn time_of(revision: Revision) -> String {
    let (minutes, seconds) = (revision.get() / 60 % 60, revision.get() % 60);
    format!("2026-01-01T00:{minutes:02}:{seconds:02}Z")
}
