//! The table of crossings and behaviours.

use std::fmt;
use std::time::{Duration, Instant};

use tokio::time::{sleep, timeout};

use crate::Error;

/// Far more than any row takes: it turns a hang into a failure.
const ROW_LIMIT: Duration = Duration::from_mins(1);

/// The pause between two checks of a condition.
const PAUSE: Duration = Duration::from_millis(50);

/// The verdict that a row must have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Both sides understand each other.
    Works,
    /// The published crates cannot do it. This SDK answers with a typed error.
    TypedError,
    /// The published crates cannot do it, and this SDK works around it.
    WorkedAround,
    /// The published crates cannot do it, and no peer can notice it.
    TheirFault,
}

/// The rows.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

/// The outcome of a row.
#[derive(Debug)]
struct Row {
    crossing: &'static str,
    behaviour: &'static str,
    verdict: Verdict,
    /// Why it is not `works`; empty otherwise.
    reason: &'static str,
    failure: Option<String>,
}

impl Table {
    /// Runs a row that must work.
    pub(crate) async fn works(
        &mut self,
        crossing: &'static str,
        behaviour: &'static str,
        check: impl Future<Output = Result<(), Error>>,
    ) {
        self.row(crossing, behaviour, Verdict::Works, "", check)
            .await;
    }

    /// Runs a row with another verdict, and its reason. The check fails if the verdict does not hold.
    pub(crate) async fn row(
        &mut self,
        crossing: &'static str,
        behaviour: &'static str,
        verdict: Verdict,
        reason: &'static str,
        check: impl Future<Output = Result<(), Error>>,
    ) {
        let started = Instant::now();
        let failure = match timeout(ROW_LIMIT, check).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(error.to_string()),
            Err(_) => Some("it takes too long".to_owned()),
        };
        let mark = if failure.is_some() { "FAILED" } else { "ok" };
        eprintln!(
            "{mark:6} {crossing}: {behaviour} ({:.1} s)",
            started.elapsed().as_secs_f32()
        );
        self.0.push(Row {
            crossing,
            behaviour,
            verdict,
            reason,
            failure,
        });
    }

    /// Whether there are rows, and each has its verdict.
    pub(crate) fn is_green(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|row| row.failure.is_none())
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Works => "works",
            Self::TypedError => "typed error",
            Self::WorkedAround => "worked around",
            Self::TheirFault => "their fault",
        })
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let widest = |text: fn(&Row) -> &str| self.0.iter().map(|row| text(row).len()).max();
        let crossings = widest(|row| row.crossing).unwrap_or_default();
        let behaviours = widest(|row| row.behaviour).unwrap_or_default();
        for row in &self.0 {
            let (crossing, behaviour) = (row.crossing, row.behaviour);
            write!(f, "{crossing:crossings$}  {behaviour:behaviours$}  ")?;
            match &row.failure {
                Some(failure) => writeln!(f, "FAILED         {failure}")?,
                None => writeln!(f, "{:13}  {}", row.verdict, row.reason)?,
            }
        }
        let failed = self.0.iter().filter(|row| row.failure.is_some()).count();
        writeln!(f, "{} rows, {failed} failed", self.0.len())
    }
}

/// Fails unless `is_so`.
pub(crate) fn ensure(is_so: bool, message: impl fmt::Display) -> Result<(), Error> {
    if is_so {
        Ok(())
    } else {
        Err(message.to_string().into())
    }
}

/// Waits until `is_so`, at most for `limit`.
pub(crate) async fn eventually(
    what: &str,
    limit: Duration,
    mut is_so: impl AsyncFnMut() -> bool,
) -> Result<(), Error> {
    let waiting = async {
        while !is_so().await {
            sleep(PAUSE).await;
        }
    };
    let waited = timeout(limit, waiting).await;
    waited.map_err(|_| format!("no {what} within {} s", limit.as_secs()).into())
}
