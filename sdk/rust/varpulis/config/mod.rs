//! What an operator says: a JSON file, variables of the environment, or both.
//!
//! [`Config`] is generated from `schema/types/config.json`, where every setting stands with its default, its limits and
//! its unit. [`Config::load`] reads it:
//!
//! ```
//! use std::path::Path;
//!
//! use varpulis_sdk::NatsOptions;
//! use varpulis_sdk::types::Config;
//!
//! # mod env { pub fn vars_os() -> [(&'static str, &'static str); 1] { [("VARPULIS_WORKER__ID", "worker-7")] } }
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let file = Path::new("sdk/rust/varpulis/config/example.json");
//! let config = Config::load(Some(file), env::vars_os())?;
//! let options = NatsOptions::from(&config.nats);
//! # assert_eq!(config.worker.unwrap().id.as_str(), "worker-7");
//! # Ok(())
//! # }
//! ```
//!
//! The file of that example:
//!
//! ```json
#![doc = include_str!("example.json")]
//! ```
//!
//! # The environment
//!
//! A variable sets one member, whatever the file says of it: `VARPULIS_` and the names of the members on the way there,
//! with `__` between them.
//!
//! ```text
//! VARPULIS_NATS__SERVERS=nats://nats-1:4222,nats://nats-2:4222
//! VARPULIS_NATS__CREDENTIALS__USER__NAME=worker-7
//! VARPULIS_NATS__CREDENTIALS__USER__PASSWORD_FILE=/run/secrets/nats-password
//! VARPULIS_WORKER__ID=worker-7
//! VARPULIS_WORKER__API_KEY_FILE=/run/secrets/api-key
//! VARPULIS_RAFT__MEMBERS=[1,2,3]
//! ```
//!
//! With `_FILE` at its end, a variable names the file that holds the text, as containers mount secrets; a line feed at
//! the end of the file does not count. A text is what the type makes of it: `5` is a text where a text is asked for and a
//! number where a number is. Lists and objects are written in JSON, and replace what the file has there.
//!
//! # Errors
//!
//! What is wrong with a configuration is a [`ConfigError`] that names the file and the JSON pointer, or the variable, and
//! never a value: that may be a secret. What nobody knows is an error, too. For a Kubernetes service called `varpulis` that
//! means the variables that Kubernetes makes by itself, such as `VARPULIS_SERVICE_HOST`: say `enableServiceLinks: false`.

mod draft;
mod error;
mod nats;
mod place;
mod serve;
mod variable;

use std::ffi::OsString;
use std::path::Path;

use self::draft::Draft;
pub use self::error::ConfigError;
pub use self::place::Place;
use self::variable::Variable;
use crate::types::Config;

impl Config {
    /// Reads the configuration from a JSON file, if there is one, and from the variables of an environment, such as
    /// [`std::env::vars_os`].
    ///
    /// # Errors
    /// When a file cannot be read, or what is said breaks the schema.
    pub fn load<N: Into<OsString>, T: Into<OsString>>(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, ConfigError> {
        Draft::new(file, Variable::all(environment)?)?.judge()
    }
}

#[cfg(test)]
mod tests;
