//! The lower bound: an opaque payload, echoed over the same NATS client.

use async_nats::Client;
use bytes::Bytes;
use futures_util::StreamExt;

use super::message::Inject;
use crate::Failure;
use crate::contender::Call;

/// The subject of the echo.
const SUBJECT: &str = "benches.raw.worker-0.inject";

/// Sends bytes and receives the same bytes.
#[derive(Clone, Debug)]
pub(crate) struct Raw {
    client: Client,
    payload: Bytes,
}

impl Raw {
    /// Starts the echo on a connection of its own and connects to it.
    ///
    /// # Errors
    /// If the server at `url` does not answer.
    pub(crate) async fn start(url: &str) -> Result<Self, Failure> {
        let server = async_nats::connect(url).await?;
        let requests = server.subscribe(SUBJECT).await?;
        server.flush().await?;
        tokio::spawn(async move {
            let mut requests = requests;
            while let Some(request) = requests.next().await {
                let Some(reply) = request.reply else { continue };
                if server.publish(reply, request.payload).await.is_err() {
                    return;
                }
            }
        });
        let payload = serde_json::to_vec(&Inject::sample())?.into();
        Ok(Self {
            client: async_nats::connect(url).await?,
            payload,
        })
    }
}

impl Call for Raw {
    async fn call(&self) -> Result<(), Failure> {
        let reply = self.client.request(SUBJECT, self.payload.clone()).await?;
        if reply.payload.len() == self.payload.len() {
            Ok(())
        } else {
            Err("the echo changed the payload".into())
        }
    }
}
