//! A worker that is killed, cut off and replaced, and comes back.

use std::path::PathBuf;
use std::time::Duration;

use crate::Failure;
use crate::child::{Child, REPLACED};
use crate::hands::Hand;
use crate::proxy::Proxy;
use crate::round::Round;

/// How long an older instance may take to stop when there is a newer.
const LIMIT: Duration = Duration::from_secs(20);

/// A worker and its lives.
pub(crate) struct Lives {
    pub(crate) hand: Hand,
    /// What each life did.
    pub(crate) journals: Vec<PathBuf>,
    pub(crate) proxy: Proxy,
    /// None while it is dead.
    child: Option<Child>,
    /// Those whose place it has taken.
    older: Vec<Child>,
}

impl Lives {
    /// The first life of the worker `id`, on a cable to the server of this port.
    pub(crate) async fn start(round: &Round, port: u16, id: &str) -> Result<Self, Failure> {
        let proxy = Proxy::start(port).await?;
        let hand = Hand {
            // So that its memory is full early in a long run.
            remembered: 4_096,
            ..Hand::new(round, &proxy.url(), id)?
        };
        let mut lives = Self {
            hand,
            journals: Vec::new(),
            proxy,
            child: None,
            older: Vec::new(),
        };
        lives.revive(round).await?;
        Ok(lives)
    }

    /// The process, if it lives.
    pub(crate) fn child(&self) -> Option<&Child> {
        self.child.as_ref()
    }

    /// Kills it (SIGKILL), and those whose place it was about to take.
    pub(crate) async fn kill(&mut self) -> Result<(), Failure> {
        for child in self.older.drain(..).chain(self.child.take()) {
            child.kill().await?;
        }
        Ok(())
    }

    /// Starts it again if it is dead.
    pub(crate) async fn revive(&mut self, round: &Round) -> Result<(), Failure> {
        if self.child.is_none() {
            self.replace(round).await?;
        }
        Ok(())
    }

    /// Starts a newer instance beside the one that lives.
    pub(crate) async fn replace(&mut self, round: &Round) -> Result<(), Failure> {
        let life = self.journals.len();
        self.hand.journal = round.path(&format!("{}-{life}.journal", self.hand.id));
        self.journals.push(self.hand.journal.clone());
        let newer = self.hand.start().await?;
        self.older.extend(self.child.replace(newer));
        Ok(())
    }

    /// Waits until those whose place it has taken have stopped.
    pub(crate) async fn bury(&mut self) -> Result<(), Failure> {
        for mut child in self.older.drain(..) {
            child.says(REPLACED, LIMIT).await?;
            child.stop().await?;
        }
        Ok(())
    }

    /// Ends it in good order.
    pub(crate) async fn stop(&mut self) -> Result<(), Failure> {
        self.bury().await?;
        let Some(child) = self.child.take() else {
            return Ok(());
        };
        match child.stop().await? {
            status if status.success() => Ok(()),
            status => Err(format!("worker {} ended with {status}", self.hand.id).into()),
        }
    }
}
