//! Handwritten JSON over NATS: `serde_json` on both sides of a request.

use async_nats::Client;
use futures_util::StreamExt;

use super::message::{Inject, Injected};
use crate::Failure;
use crate::contender::Call;

/// The subject of the server.
const SUBJECT: &str = "benches.json.worker-0.inject";

/// Encodes the request, sends it, decodes the reply.
#[derive(Clone, Debug)]
pub(crate) struct Json {
    client: Client,
    request: Inject,
}

impl Json {
    /// Starts the server on a connection of its own and connects to it.
    ///
    /// # Errors
    /// If the server at `url` does not answer.
    pub(crate) async fn start(url: &str) -> Result<Self, Failure> {
        let server = async_nats::connect(url).await?;
        let requests = server.subscribe(SUBJECT).await?;
        server.flush().await?;
        tokio::spawn(async move {
            let mut requests = requests;
            while let Some(message) = requests.next().await {
                let Some(reply) = message.reply else { continue };
                let Ok(request) = serde_json::from_slice(&message.payload) else {
                    continue;
                };
                let Ok(payload) = serde_json::to_vec(&Injected::to(&request)) else {
                    continue;
                };
                if server.publish(reply, payload.into()).await.is_err() {
                    return;
                }
            }
        });
        Ok(Self {
            client: async_nats::connect(url).await?,
            request: Inject::sample(),
        })
    }
}

impl Call for Json {
    async fn call(&self) -> Result<(), Failure> {
        let payload = serde_json::to_vec(&self.request)?;
        let reply = self.client.request(SUBJECT, payload.into()).await?;
        let reply: Injected = serde_json::from_slice(&reply.payload)?;
        if reply.ok {
            Ok(())
        } else {
            Err("the event was refused".into())
        }
    }
}
