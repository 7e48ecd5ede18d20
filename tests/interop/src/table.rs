//! The table of clients and servers.

use std::fmt;

use crate::language::Language;
use crate::pair::Outcome;

/// The maximal number of differences of a pair that are shown.
const SHOWN: usize = 3;

/// The outcomes of all pairs.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

/// The outcome of a pair.
#[derive(Debug)]
struct Row {
    client: &'static str,
    server: &'static str,
    outcome: Outcome,
}

impl Table {
    pub(crate) fn add(&mut self, client: &Language, server: &Language, outcome: Outcome) {
        self.0.push(Row {
            client: client.name,
            server: server.name,
            outcome,
        });
    }

    /// Whether there are results, and all of them are as expected.
    pub(crate) fn is_green(&self) -> bool {
        !self.0.is_empty() && self.0.iter().all(|row| row.outcome.differences.is_empty())
    }

    fn cell(&self, client: &str, server: &str) -> String {
        let mut rows = self.0.iter();
        match rows.find(|row| row.client == client && row.server == server) {
            None => "-".to_owned(),
            Some(Row { outcome, .. }) => match outcome.differences.len() {
                0 => format!("{} ok", outcome.checks),
                wrong => format!("{wrong} of {} wrong", outcome.checks),
            },
        }
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut names: Vec<&str> = self
            .0
            .iter()
            .flat_map(|row| [row.client, row.server])
            .collect();
        names.sort_unstable();
        names.dedup();
        write!(f, "{:16}", "client \\ server")?;
        for server in &names {
            write!(f, "{server:>18}")?;
        }
        writeln!(f)?;
        for client in &names {
            write!(f, "{client:16}")?;
            for server in &names {
                write!(f, "{:>18}", self.cell(client, server))?;
            }
            writeln!(f)?;
        }
        for Row {
            client,
            server,
            outcome,
        } in &self.0
        {
            for difference in outcome.differences.iter().take(SHOWN) {
                writeln!(f, "{client} -> {server}: {difference}")?;
            }
        }
        let checks: usize = self.0.iter().map(|row| row.outcome.checks).sum();
        writeln!(f, "{checks} checks of {} pairs", self.0.len())
    }
}
