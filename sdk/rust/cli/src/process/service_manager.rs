//! Tells systemd the state of the process, if it started the process with `Type=notify`.

use sd_notify::NotifyState;

/// The node is ready.
pub(super) fn ready() {
    tell(NotifyState::Ready);
}

/// The process stops.
pub(super) fn stopping() {
    tell(NotifyState::Stopping);
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::warn!(%error, "systemd was not notified");
    }
}
