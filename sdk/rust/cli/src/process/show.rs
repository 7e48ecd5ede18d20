//! Showing how a node is doing.

use std::io::{self, Write};
use std::time::{Duration, Instant};

use anstyle::{AnsiColor, Style};
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval};

use super::node::{Health, Node};
use crate::error::CommandError;

/// How often to look.
const LOOK: Duration = Duration::from_millis(250);

const QUIET: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const NOT_YET: Style = AnsiColor::Yellow.on_default();

/// Shows how a node is doing, one line at a time.
pub(super) struct Show<H> {
    is_json: bool,
    /// At least so often.
    every: Duration,
    /// What was shown, and when.
    last: Option<(H, Instant)>,
}

#[derive(Serialize)]
struct Line<'a, H> {
    time: String,
    #[serde(flatten)]
    health: &'a H,
}

impl<H: Health> Show<H> {
    pub(super) const fn new(is_json: bool, every: Duration) -> Self {
        Self {
            is_json,
            every,
            last: None,
        }
    }

    /// Shows how a node is doing, whenever that changes and every so often; until nobody takes the output.
    pub(super) async fn follow(&mut self, node: &impl Node<Health = H>) -> CommandError {
        let mut look = interval(LOOK);
        look.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            look.tick().await;
            if let Err(error) = self.look(node) {
                return error.into();
            }
        }
    }

    /// Shows how a node is doing, if that is news.
    pub(super) fn look(&mut self, node: &impl Node<Health = H>) -> io::Result<()> {
        let health = node.health();
        let is_news = self.last.as_ref().is_none_or(|(shown, when)| {
            shown.state() != health.state() || when.elapsed() >= self.every
        });
        if is_news {
            self.line(&health)?;
            self.last = Some((health, Instant::now()));
        }
        Ok(())
    }

    fn line(&self, health: &H) -> io::Result<()> {
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
