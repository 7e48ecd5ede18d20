//! A worker, a coordinator and a Raft node with canned replies that record their requests.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use natsgen_runtime::Request;
use varpulis_sdk::types::WorkerId;

use crate::protocol::sample;
use crate::services::implement_services;

type AnyValue = Box<dyn Any + Send>;

/// The canned replies and the recorded requests. A clone is another handle to them.
#[derive(Clone, Default)]
pub(crate) struct CannedService {
    replies: Arc<Mutex<HashMap<TypeId, AnyValue>>>,
    requests: Arc<Mutex<HashMap<TypeId, Vec<AnyValue>>>>,
}

impl CannedService {
    /// Sets the reply to all requests of this type. The default reply is the first example of the schema.
    pub(crate) fn set_reply<R: Request>(&self, reply: Result<R::Reply, R::Fault>)
    where
        R::Reply: Sync,
    {
        let mut replies = self.replies.lock().unwrap();
        replies.insert(TypeId::of::<R>(), Box::new(reply));
    }

    /// Takes the recorded requests of this type.
    pub(crate) fn take_requests<R: Request>(&self) -> Vec<R> {
        let requests = self.requests.lock().unwrap().remove(&TypeId::of::<R>());
        requests
            .unwrap_or_default()
            .into_iter()
            .map(|request| *request.downcast().unwrap())
            .collect()
    }

    fn reply_to<R: Request>(&self, request: R) -> Result<R::Reply, R::Fault>
    where
        R::Reply: Clone,
        R::Fault: Clone,
    {
        let mut requests = self.requests.lock().unwrap();
        requests
            .entry(TypeId::of::<R>())
            .or_default()
            .push(Box::new(request));
        let replies = self.replies.lock().unwrap();
        match replies.get(&TypeId::of::<R>()) {
            Some(reply) => reply
                .downcast_ref::<Result<R::Reply, R::Fault>>()
                .unwrap()
                .clone(),
            None => Ok(sample()),
        }
    }
}

implement_services!(CannedService, |service, _, message| service
    .reply_to(message));

/// The id of a worker.
pub(crate) fn worker(id: &str) -> WorkerId {
    WorkerId::try_from(id).unwrap()
}
