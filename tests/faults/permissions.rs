//! Servers with the permissions that `natsgen acl` writes, and connections of their users.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use natsgen_runtime::{Connection, NatsOptions};
use natsgen_testing::{JwtOperator, NatsServer};
use serde_json::Value;

/// The users of `tests/acl/users.json`.
const USERS: &str = include_str!("../golden/acl/varpulis.conf");

/// The scopes of the signing keys of a worker, of a coordinator that is a Raft node too, and of an operator.
const SCOPES: &str = include_str!("../golden/acl/varpulis.scopes.json");

/// The names of the users: workers, coordinators by their number, and operators.
const WORKERS: [&str; 5] = ["w0", "w1", "w2", "w3", "w4"];
const COORDINATORS: [&str; 3] = ["1", "2", "3"];
const OPERATORS: [&str; 1] = ["o1"];

/// How the users of a server prove their identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Access {
    /// Users with passwords in the configuration of the server.
    Password,
    /// Users with credentials files, signed by scoped keys of an account.
    Jwt,
}

/// A server with the generated permissions.
pub(super) struct Guarded {
    pub(super) server: NatsServer,
    access: Access,
    credentials: Folder,
}

/// A folder of credentials files, removed on drop.
struct Folder(PathBuf);

impl Guarded {
    pub(super) fn start(access: Access) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-permissions-{}-{number}", std::process::id());
        let credentials = Folder(std::env::temp_dir().join(name));
        std::fs::create_dir(&credentials.0).expect("a folder");
        let config = match access {
            Access::Password => with_passwords(),
            Access::Jwt => with_credentials(&credentials.0),
        };
        Self {
            server: NatsServer::start_with(&config).expect("a server"),
            access,
            credentials,
        }
    }

    /// The options of a worker, `w0` to `w4`, of a coordinator, `1` to `3`, or of the operator `o1`.
    pub(super) fn options(&self, user: &str) -> NatsOptions {
        let options = NatsOptions::new(&self.server.url());
        match self.access {
            Access::Jwt => options.credentials_file(credentials(&self.credentials.0, user)),
            Access::Password if user.starts_with(['o', 'w']) => options.user(user, password(user)),
            Access::Password => {
                let name = format!("c{user}");
                options.user(name.clone(), password(&name))
            }
        }
    }

    pub(super) async fn connect(&self, user: &str) -> Connection {
        self.options(user).connect().await.expect("a connection")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Files that cannot be removed stay in the system's temporary directory.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn password(user: &str) -> String {
    format!("secret of {user}")
}

/// The generated users. The variables with the passwords are part of the configuration.
fn with_passwords() -> String {
    let mut config = String::new();
    let coordinators = COORDINATORS.map(|number| format!("c{number}"));
    for user in WORKERS
        .iter()
        .copied()
        .chain(OPERATORS)
        .chain(coordinators.iter().map(String::as_str))
    {
        let variable = format!("{}_PASSWORD", user.to_uppercase());
        writeln!(config, "{variable}: \"{}\"", password(user)).expect("a string");
    }
    config + USERS
}

/// An account with scoped signing keys, and a credentials file of each user.
fn with_credentials(folder: &Path) -> String {
    let mut operator = JwtOperator::new();
    let scopes: Vec<Value> = serde_json::from_str(SCOPES).expect("scopes");
    let keys: Vec<_> = scopes
        .into_iter()
        .map(|scope| operator.add_scope(scope))
        .collect();
    let users = [&WORKERS[..], &COORDINATORS[..], &OPERATORS[..]];
    for (key, users) in keys.iter().zip(users) {
        for name in users {
            let text = operator.credentials(Some(key), name, 0);
            std::fs::write(credentials(folder, name), text).expect("a credentials file");
        }
    }
    operator.config()
}

fn credentials(folder: &Path, user: &str) -> PathBuf {
    folder.join(format!("{user}.creds"))
}
