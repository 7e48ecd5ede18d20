//! A worker that is killed, isolated, replaced, and started again.

use std::path::PathBuf;
use std::time::Duration;

use crate::Failure;
use crate::access::Access;
use crate::child::{Child, REPLACED};
use crate::proxy::Proxy;
use crate::round::Round;
use crate::topology::free_port;
use crate::worker_config::WorkerConfig;

/// How long a replaced instance may take to stop.
const LIMIT: Duration = Duration::from_secs(20);

/// A worker, its current process, and the processes that it replaced.
pub(crate) struct Worker {
    pub(crate) config: WorkerConfig,
    /// The journal of each instance.
    pub(crate) journals: Vec<PathBuf>,
    /// The proxy between the worker and the NATS server.
    proxy: Option<Proxy>,
    /// The proxies between coordinators and the instances, if the worker serves commands over HTTP.
    http: Option<Vec<Proxy>>,
    /// `None` while the worker is down.
    child: Option<Child>,
    /// Replaced instances that have not stopped yet.
    replaced: Vec<Child>,
}

impl Worker {
    /// Starts worker `number`, from 1. Each second worker serves its commands over HTTP.
    pub(crate) async fn start(
        round: &Round,
        access: &Access,
        number: u64,
    ) -> Result<Self, Failure> {
        let (url, proxy) = access.open(number).await?;
        let config = WorkerConfig {
            // Small, so that the deduplication table is full early in a long run.
            deduplicated: 4_096,
            ..WorkerConfig::new(round, &url, &format!("w{number}"))?
        };
        let mut worker = Self {
            config,
            journals: Vec::new(),
            proxy,
            http: number.is_multiple_of(2).then(Vec::new),
            child: None,
            replaced: Vec::new(),
        };
        worker.ensure_running(round).await?;
        Ok(worker)
    }

    /// The current process, if it runs.
    pub(crate) fn child(&self) -> Option<&Child> {
        self.child.as_ref()
    }

    /// Closes the connections of the worker.
    pub(crate) fn disconnect(&self) {
        self.proxies().for_each(Proxy::disconnect);
    }

    /// Isolates the worker. Its connections stay open.
    pub(crate) fn isolate(&self) {
        self.proxies().for_each(Proxy::block);
    }

    /// Ends the isolation.
    pub(crate) fn heal(&self) {
        self.proxies().for_each(Proxy::heal);
    }

    fn proxies(&self) -> impl Iterator<Item = &Proxy> {
        self.proxy.iter().chain(self.http.iter().flatten())
    }

    /// Whether the worker has ended, or another instance has replaced it.
    pub(crate) async fn is_lost(&mut self) -> Result<bool, Failure> {
        match &mut self.child {
            Some(child) => child.is_lost().await,
            None => Ok(true),
        }
    }

    /// Kills the worker (SIGKILL), and the instances that it is replacing.
    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        for child in self.replaced.drain(..).chain(self.child.take()) {
            child.kill().await?;
        }
        Ok(())
    }

    /// Starts the worker again if it is down.
    pub(crate) async fn ensure_running(&mut self, round: &Round) -> Result<(), Failure> {
        if self.child.is_none() {
            self.replace(round).await?;
        }
        Ok(())
    }

    /// Starts a newer instance beside the running instance.
    pub(crate) async fn replace(&mut self, round: &Round) -> Result<(), Failure> {
        let number = self.journals.len();
        self.config.journal = round.path(&format!("{}-{number}.journal", self.config.id));
        self.journals.push(self.config.journal.clone());
        if let Some(proxies) = &mut self.http {
            let port = free_port()?;
            let proxy = Proxy::start(port).await?;
            self.config.http = Some((port, format!("http://{}", proxy.address())));
            proxies.push(proxy);
        }
        let newer = self.config.start().await?;
        self.replaced.extend(self.child.replace(newer));
        Ok(())
    }

    /// Waits until all replaced instances have stopped.
    pub(crate) async fn wait_for_replaced(&mut self) -> Result<(), Failure> {
        for mut child in self.replaced.drain(..) {
            child.expect_line(REPLACED, LIMIT).await?;
            child.stop().await?;
        }
        Ok(())
    }

    /// Shuts down the worker gracefully.
    pub(crate) async fn stop(&mut self) -> Result<(), Failure> {
        self.wait_for_replaced().await?;
        let Some(child) = self.child.take() else {
            return Ok(());
        };
        match child.stop().await? {
            status if status.success() => Ok(()),
            status => Err(format!("worker {} ended with {status}", self.config.id).into()),
        }
    }
}
