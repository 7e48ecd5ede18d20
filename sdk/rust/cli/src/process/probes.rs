//! Liveness and readiness over HTTP.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderName};
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::node::Health;
use crate::terminal::error::CommandError;

/// The age of a report from which the process counts as stuck.
const STALE: Duration = Duration::from_secs(10);

/// Serves `/healthz` and `/readyz`, until it is dropped.
pub(super) struct Probes {
    reports: watch::Sender<Option<Report>>,
    _server: JoinSet<()>,
}

/// The health of a node at a time.
#[derive(Clone)]
struct Report {
    is_ready: bool,
    json: String,
    made: Instant,
}

type Answer = (StatusCode, [(HeaderName, &'static str); 1], String);

impl Probes {
    /// Listens on `address`.
    pub(super) async fn start(address: SocketAddr) -> Result<Self, CommandError> {
        let (reports, seen) = watch::channel(None);
        let listener = TcpListener::bind(address).await;
        let listener = listener.map_err(|error| CommandError::Settings {
            reason: format!("cannot listen on {address}: {error}"),
            advice: "name a free address with --probes".to_owned(),
        })?;
        let router = Router::new()
            .route("/healthz", get(live))
            .route("/readyz", get(ready))
            .with_state(seen);
        let mut server = JoinSet::new();
        server.spawn(async move {
            // Serving ends only with the task.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self {
            reports,
            _server: server,
        })
    }

    /// Reports the current health.
    pub(super) fn report(&self, health: &impl Health) -> serde_json::Result<()> {
        let report = Report {
            is_ready: health.is_ready(),
            json: serde_json::to_string(health)?,
            made: Instant::now(),
        };
        self.reports.send_replace(Some(report));
        Ok(())
    }
}

/// Whether the process runs: it starts, or has reported its health a short time ago.
async fn live(State(reports): State<watch::Receiver<Option<Report>>>) -> Answer {
    let is_stuck = |report: &Report| report.made.elapsed() > STALE;
    answer(reports.borrow().as_ref(), |report| {
        !report.is_some_and(is_stuck)
    })
}

/// Whether the node takes work.
async fn ready(State(reports): State<watch::Receiver<Option<Report>>>) -> Answer {
    answer(reports.borrow().as_ref(), |report| {
        report.is_some_and(|report| report.is_ready && report.made.elapsed() <= STALE)
    })
}

fn answer(report: Option<&Report>, is_good: impl Fn(Option<&Report>) -> bool) -> Answer {
    let status = if is_good(report) {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let body = report.map_or_else(|| "{}".to_owned(), |report| report.json.clone());
    (status, [(CONTENT_TYPE, "application/json")], body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn probes_of_a_stuck_process_fail() {
        let check = async |age: Option<Duration>, expected: [u16; 2]| {
            let report = age.map(|age| Report {
                is_ready: true,
                json: "{}".to_owned(),
                made: Instant::now().checked_sub(age).expect("a time"),
            });
            let (_sender, reports) = watch::channel(report);
            let statuses = [
                live(State(reports.clone())).await,
                ready(State(reports)).await,
            ];
            assert_eq!(statuses.map(|(status, ..)| status.as_u16()), expected);
        };
        check(None, [200, 503]).await;
        check(Some(Duration::ZERO), [200, 200]).await;
        check(Some(STALE * 2), [503, 503]).await;
    }
}
