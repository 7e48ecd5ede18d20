//! The users of the server that the demonstration starts. Each has only the permissions that its role needs.

use std::fmt::Write as _;

use natsgen_runtime::{NatsOptions, Prefix};
use varpulis_sdk::subject;

use crate::terminal::error::CommandError;

/// The users of `users.json` with their permissions, as `natsgen acl` writes them.
const USERS: &str = include_str!("users.conf");

/// The names of the users.
const NAMES: [&str; 3] = ["coordinator", "alpha", "beta"];

/// Users with random passwords.
pub(super) struct Guard {
    passwords: [String; NAMES.len()],
}

impl Guard {
    pub(super) fn new() -> Result<Self, CommandError> {
        let mut passwords = [const { String::new() }; NAMES.len()];
        for password in &mut passwords {
            let random = || getrandom::u64().map_err(|error| CommandError::unexpected(&error));
            *password = format!("{:016x}{:016x}", random()?, random()?);
        }
        Ok(Self { passwords })
    }

    /// The configuration of a server, with permissions for the subjects of a prefix. Contains the passwords.
    pub(super) fn config(&self, prefix: &Prefix) -> String {
        let mut config = String::new();
        for (name, password) in NAMES.iter().zip(&self.passwords) {
            let variable = name.to_uppercase();
            // A `String` never refuses a text.
            let _ = writeln!(config, "{variable}_PASSWORD: \"{password}\"");
        }
        let default = format!("\"{}.", subject::PREFIX.as_str());
        config + &USERS.replace(&default, &format!("\"{}.", prefix.as_str()))
    }

    /// Adds the credentials of a user to options.
    pub(super) fn authenticate(&self, name: &str, options: NatsOptions) -> NatsOptions {
        let user = NAMES.iter().position(|known| *known == name);
        match user.and_then(|user| self.passwords.get(user)) {
            Some(password) => options.user(name, password),
            None => options,
        }
    }
}
