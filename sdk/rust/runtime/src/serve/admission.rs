//! Whether requests may begin.

use tokio::sync::watch;

/// What a server does with requests that have come and have not begun.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// They begin when it is their turn.
    #[default]
    Open,
    /// They wait, up to their callers' deadlines and as far as there is room for them.
    Held,
    /// Another server takes over: this one stops to listen, answers what runs, and refuses the rest as `draining`. There is
    /// no way back.
    Closed,
    /// Another server has taken over and gets what comes here, too: this one stops to listen, answers what runs, and leaves
    /// the rest to the other without an answer. There is no way back.
    Ceded,
}

impl Admission {
    /// Whether another server takes over or has done so.
    #[must_use]
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Closed | Self::Ceded)
    }
}

/// Where a server learns whether requests may begin; always if nobody decides on it.
#[derive(Clone, Debug, Default)]
pub(super) struct Entrance(Option<watch::Receiver<Admission>>);

impl Entrance {
    pub(super) fn new(mut admission: Option<watch::Receiver<Admission>>) -> Self {
        // What it is to begin with is heard, too.
        admission.as_mut().map(watch::Receiver::mark_changed);
        Self(admission)
    }

    pub(super) fn admission(&self) -> Admission {
        self.0
            .as_ref()
            .map_or(Admission::Open, |told| *told.borrow())
    }

    /// Waits until it is another; for ever once nobody decides on it any more.
    pub(super) async fn changed(&mut self) -> Admission {
        if let Some(told) = &mut self.0
            && told.changed().await.is_ok()
        {
            return *told.borrow_and_update();
        }
        std::future::pending().await
    }
}
