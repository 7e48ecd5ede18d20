//! The configuration of a process: a JSON file, environment variables, or both.
//!
//! [`Config`] is generated from `schema/types/config.json`, which documents every setting with its default, limits and
//! unit. [`Config::load`] reads it:
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
//! let options = NatsOptions::from(config.nats.as_ref().unwrap());
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
//! A variable sets a single member and takes precedence over the file. Its name is `VARPULIS_` and the names of the
//! members that lead to it, separated by `__`.
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
//! A variable whose name ends with `_FILE` gives the path of a file that contains the value, as containers mount
//! secrets. A line feed at the end of that file is ignored. The schema's type decides how a value is read: `5` is a
//! string where a string is expected and a number where a number is expected. Lists and objects are written in JSON and
//! replace the list or object of the file.
//!
//! # Errors
//!
//! A [`ConfigError`] names the file and the JSON pointer, or the variable. It never contains a value, because the value
//! may be a secret. Unknown members are errors as well, and so are variables with `__` that set no member. Other variables
//! with the prefix are ignored, such as `VARPULIS_SERVICE_HOST`, which Kubernetes sets for a service called `varpulis`.
//! `VARPULIS_WORKER_ID` is an error, because it differs from `VARPULIS_WORKER__ID` only in the separator.

mod draft;
mod error;
#[cfg(any(feature = "nats", feature = "nats-transport"))]
mod nats;
mod origin;
#[cfg(feature = "nats-transport")]
mod serve;
mod variable;

use std::ffi::OsString;
use std::path::Path;

use self::draft::Draft;
pub use self::error::ConfigError;
pub use self::origin::Origin;
use self::variable::Variable;
use crate::types::Config;

impl Config {
    /// Reads the configuration from an optional JSON file and from environment variables, such as
    /// [`std::env::vars_os`].
    ///
    /// # Errors
    /// If a file cannot be read, or the configuration does not match the schema.
    pub fn load<N: Into<OsString>, T: Into<OsString>>(
        file: Option<&Path>,
        environment: impl IntoIterator<Item = (N, T)>,
    ) -> Result<Self, ConfigError> {
        Draft::new(file, Variable::all(environment)?)?.decode()
    }
}

#[cfg(test)]
mod tests;
