//! Prints the health of a node.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use super::node::{Health, Node};
use super::probes::Probes;
use super::service_manager;
use crate::terminal::error::CommandError;

/// The interval between checks of the health.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const NOT_YET: Style = AnsiColor::Yellow.on_default();

/// Prints the health of a node, a line at a time, and reports it to the probes and to systemd.
pub(super) struct HealthPrinter<H> {
    is_json: bool,
    /// The longest interval between two lines.
    every: Duration,
    /// The last printed health, and its time.
    last: Option<(H, Instant)>,
    probes: Option<Probes>,
    /// Whether the node has been ready.
    was_ready: bool,
}

#[derive(Serialize)]
struct Line<'a, H> {
    time: String,
    #[serde(flatten)]
    health: &'a H,
}

impl<H: Health> HealthPrinter<H> {
    pub(super) const fn new(is_json: bool, every: Duration, probes: Option<Probes>) -> Self {
        Self {
            is_json,
            every,
            last: None,
            probes,
            was_ready: false,
        }
    }

    /// Prints the health whenever it changes and at the interval, until the output fails.
    pub(super) async fn run(&mut self, node: &impl Node<Health = H>) -> CommandError {
        let mut ticks = interval(CHECK_INTERVAL);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Err(error) = self.print_if_changed(node) {
                return error.into();
            }
        }
    }

    /// Prints the health if it has changed or the interval is over.
    pub(super) fn print_if_changed(&mut self, node: &impl Node<Health = H>) -> io::Result<()> {
        let health = node.health();
        if let Some(probes) = &self.probes {
            probes.report(&health)?;
        }
        if health.is_ready() && !self.was_ready {
            self.was_ready = true;
            service_manager::ready();
        }
        let is_due = self.last.as_ref().is_none_or(|(printed, when)| {
            printed.state() != health.state() || when.elapsed() >= self.every
        });
        if is_due {
            self.print(&health)?;
            self.last = Some((health, Instant::now()));
        }
        Ok(())
    }

    fn print(&self, health: &H) -> io::Result<()> {
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        if self.is_json {
            let text = serde_json::to_string(&Line { time, health })?;
            return writeln!(io::stdout(), "{text}");
        }
        let (style, mark) = if health.is_ready() {
            (GOOD, "●")
        } else {
            (NOT_YET, "○")
        };
        let line = health.line();
        writeln!(
            anstream::stdout(),
            "{QUIET}{time}{QUIET:#} {style}{mark}{style:#} {line}"
        )
    }
}
