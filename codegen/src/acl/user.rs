//! The users that get permissions.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::error::AclError;
use super::{SAFE, is_safe};

/// The notation of a user.
const NOTATION: &str =
    "write `<name>=<role>:<id>`, e.g. `w0=worker:w0` or `c1=coordinator:1,raft:1`";

/// A user of the NATS server. A process with several roles is a single user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclUser {
    /// The name of the user.
    pub name: String,
    /// The id under which the user has a role, by the name of the role.
    pub roles: BTreeMap<String, String>,
    /// The proof of the user's identity.
    pub secret: AclSecret,
}

/// The proof of a user's identity in the server's configuration. It holds no secret.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AclSecret {
    /// The server reads the password, or its bcrypt hash, from an environment variable.
    #[default]
    Variable,
    /// The bcrypt hash of the password.
    Bcrypt(String),
    /// The user signs with the nkey that has this public key; the server ignores the user's name.
    Nkey(String),
}

/// A user in a file of users.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    roles: BTreeMap<String, String>,
    password_hash: Option<String>,
    nkey: Option<String>,
}

impl AclUser {
    /// Parses `<name>=<role>:<id>`, with further roles after commas. The password is a variable.
    ///
    /// # Errors
    ///
    /// Fails if the text has another form, or names a role twice.
    pub fn parse(text: &str) -> Result<Self, AclError> {
        let invalid = || AclError::new(format!("invalid user `{text}`"), NOTATION);
        let (name, roles) = text.split_once('=').ok_or_else(invalid)?;
        let mut user = Self {
            name: name.to_owned(),
            roles: BTreeMap::new(),
            secret: AclSecret::Variable,
        };
        for role in roles.split(',') {
            let (role, id) = role.split_once(':').ok_or_else(invalid)?;
            let replaced = user.roles.insert(role.to_owned(), id.to_owned());
            if replaced.is_some() {
                let message = format!("the user `{name}` has the role `{role}` twice");
                return Err(AclError::new(message, "name a second user"));
            }
        }
        user.checked()
    }

    /// Reads the users of a JSON file: an object with a member for each user. Its member `roles` holds the id by role.
    /// The members `password_hash` (bcrypt) or `nkey` (public key) replace the variable.
    ///
    /// # Errors
    ///
    /// Fails if the text has another form.
    pub fn parse_file(text: &str) -> Result<Vec<Self>, AclError> {
        let help = r#"write `{"w0": {"roles": {"worker": "w0"}}}`"#;
        let entries: BTreeMap<String, Entry> = serde_json::from_str(text)
            .map_err(|error| AclError::new(format!("invalid users: {error}"), help))?;
        let user = |(name, entry): (String, Entry)| {
            let secret = match (entry.password_hash, entry.nkey) {
                (None, None) => AclSecret::Variable,
                (Some(hash), None) => AclSecret::Bcrypt(hash),
                (None, Some(key)) => AclSecret::Nkey(key),
                (Some(_), Some(_)) => {
                    let message = format!("the user `{name}` has a password and an nkey");
                    return Err(AclError::new(message, "remove one of them"));
                }
            };
            let roles = entry.roles;
            Self {
                name,
                roles,
                secret,
            }
            .checked()
        };
        entries.into_iter().map(user).collect()
    }

    /// The name of the environment variable with the password, if the user has one.
    pub(super) fn variable(&self) -> Option<String> {
        if self.secret != AclSecret::Variable {
            return None;
        }
        let start = if self.name.starts_with(|first: char| first.is_ascii_digit()) {
            "_"
        } else {
            ""
        };
        let name = self.name.to_ascii_uppercase().replace('-', "_");
        Some(format!("{start}{name}_PASSWORD"))
    }

    fn checked(self) -> Result<Self, AclError> {
        let name = &self.name;
        if !is_safe(name) {
            let help = format!("use 1 to 128 {SAFE}");
            return Err(AclError::new(format!("invalid user name `{name}`"), help));
        }
        if self.roles.is_empty() {
            return Err(AclError::new(
                format!("the user `{name}` has no role"),
                NOTATION,
            ));
        }
        let (is_valid, help) = match &self.secret {
            AclSecret::Variable => (true, ""),
            AclSecret::Bcrypt(hash) => {
                (is_bcrypt(hash), "`nats server passwd` prints a bcrypt hash")
            }
            AclSecret::Nkey(key) => (
                is_user_key(key),
                "`nk -gen user -pubout` prints a public key, `U…`",
            ),
        };
        if !is_valid {
            let message = format!("the user `{name}` has an invalid password hash or nkey");
            return Err(AclError::new(message, help));
        }
        Ok(self)
    }
}

fn is_bcrypt(hash: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'.' | b'/');
    hash.len() == 60 && hash.starts_with("$2") && hash.bytes().all(is_plain)
}

fn is_user_key(key: &str) -> bool {
    let is_base32 = |byte: u8| matches!(byte, b'A'..=b'Z' | b'2'..=b'7');
    key.len() == 56 && key.starts_with('U') && key.bytes().all(is_base32)
}
