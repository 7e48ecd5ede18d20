//! JSON over HTTP/1.1 with keep-alive: axum as the server, reqwest as the client.

use axum::extract::Path;
use axum::routing::post;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use reqwest::Client;
use tokio::net::TcpListener;

use super::message::{Inject, Injected, WORKER};
use crate::Failure;
use crate::contender::Call;

/// Posts the request and reads the reply.
#[derive(Clone, Debug)]
pub(crate) struct Axum {
    client: Client,
    url: String,
    request: Inject,
}

impl Axum {
    /// Starts the server on a free port.
    ///
    /// # Errors
    /// If no port is free.
    pub(crate) async fn start() -> Result<Self, Failure> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}/workers/{WORKER}/inject", listener.local_addr()?);
        let listener = listener.tap_io(|connection| {
            if let Err(error) = connection.set_nodelay(true) {
                eprintln!("axum runs without TCP_NODELAY: {error}");
            }
        });
        let router = Router::new().route("/workers/{worker}/inject", post(inject));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let client = Client::builder().no_proxy().build()?;
        Ok(Self {
            client,
            url,
            request: Inject::sample(),
        })
    }
}

/// Answers a request.
async fn inject(Path(_worker): Path<String>, Json(request): Json<Inject>) -> Json<Injected> {
    Json(Injected::to(&request))
}

impl Call for Axum {
    async fn call(&self) -> Result<(), Failure> {
        let request = self.client.post(&self.url).json(&self.request);
        let reply: Injected = request.send().await?.error_for_status()?.json().await?;
        if reply.ok {
            Ok(())
        } else {
            Err("the event was refused".into())
        }
    }
}
