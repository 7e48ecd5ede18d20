//! The connections between the processes of a cluster and its servers.

use std::io;

use crate::proxy::Proxy;

/// The way from the processes of a cluster to its servers.
#[derive(Clone, Debug)]
pub(crate) enum Access {
    /// Through a proxy for each process, to the server on this port.
    Proxies(u16),
    /// Without proxies. The processes take these URLs in turn; each URL may name several servers.
    Direct(Vec<String>),
}

impl Access {
    /// The URL for process `number`, from 1, and the proxy behind the URL.
    pub(crate) async fn open(&self, number: u64) -> io::Result<(String, Option<Proxy>)> {
        match self {
            Self::Proxies(port) => {
                let proxy = Proxy::start(*port).await?;
                Ok((proxy.url(), Some(proxy)))
            }
            Self::Direct(urls) => {
                let number = usize::try_from(number).unwrap_or_default();
                Ok((urls[number % urls.len()].clone(), None))
            }
        }
    }

    /// The URL for clients of the cluster.
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Proxies(port) => format!("nats://127.0.0.1:{port}"),
            Self::Direct(urls) => urls[0].clone(),
        }
    }
}
