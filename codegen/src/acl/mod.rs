//! NATS permissions of the roles, as the schemas imply them: users of a nats-server, and scoped signing keys.

mod claims;
mod error;
mod permissions;
mod server;
mod user;

use std::collections::BTreeMap;

use self::permissions::{Grant, Permissions};
use crate::diagnostic::text::nearest;
use crate::lower::is_plain;
use crate::model::{Name, Protocol, Role, Shape};
use crate::plan::Plan;

pub use self::error::AclError;
pub use self::user::{AclSecret, AclUser};

/// The characters of names.
const SAFE: &str = "letters, digits, `_` and `-`";
/// The characters of prefixes and ids, which are tokens of subjects.
const PLAIN: &str =
    "printable ASCII characters without `.`, `*`, `>`, braces, quotes and backslashes";
/// The maximal length of a token, in characters.
const LONGEST: usize = 255;

/// The instance of a scoped signing key: nats-server replaces it by the name of the user.
const USER_NAME: &str = "{{name()}}";

/// The place of the users in the configuration of a nats-server.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AclScope {
    /// The block `authorization`: the server has no other users.
    #[default]
    Authorization,
    /// An account with the name of the protocol, below `accounts`.
    Account,
}

/// Writes the least permissions that the roles of a protocol need.
///
/// A role publishes what it sends, subscribes to what it receives, and responds to requests. It uses the inboxes
/// `_INBOX_<role>.<id>.>`. An instance of a role sends and receives only under its own id.
#[derive(Debug)]
pub struct Acl<'a> {
    plan: Plan<'a>,
    prefix: &'a str,
}

impl<'a> Acl<'a> {
    /// Permissions of a protocol. `directory` is the schema directory, as the output names it.
    #[must_use]
    pub fn new(protocol: &'a Protocol, directory: &'a str) -> Self {
        Self {
            plan: Plan::new(protocol, directory),
            prefix: &protocol.prefix,
        }
    }

    /// Sets the prefix of all subjects in place of the prefix in the manifest.
    ///
    /// # Errors
    ///
    /// Fails if the prefix is not a list of words joined by dots.
    pub fn prefix(self, prefix: &'a str) -> Result<Self, AclError> {
        if prefix.split('.').all(is_token) {
            return Ok(Self { prefix, ..self });
        }
        let help = format!("join words of {PLAIN} with dots, e.g. `acme.fleet`");
        Err(AclError::new(format!("invalid prefix `{prefix}`"), help))
    }

    /// The users in the format of a nats-server's configuration.
    ///
    /// # Errors
    ///
    /// Fails if there are no users, a name or id is invalid, a role is unknown, or two users need the same variable.
    pub fn users(&self, users: &[AclUser], scope: AclScope) -> Result<String, AclError> {
        if users.is_empty() {
            let help = "name each of them, e.g. `--user w0=worker:w0`";
            return Err(AclError::new("there are no users".to_owned(), help));
        }
        let mut variables: BTreeMap<String, &str> = BTreeMap::new();
        let mut entries = Vec::with_capacity(users.len());
        for user in users {
            let grants = self.grants(user)?;
            if let Some(variable) = user.variable()
                && let Some(other) = variables.insert(variable.clone(), &user.name)
            {
                let message = format!(
                    "the users `{other}` and `{}` both have the variable `{variable}`",
                    user.name
                );
                return Err(AclError::new(message, "rename one of the users"));
            }
            entries.push((
                user,
                Permissions::of(&self.plan, self.prefix, &grants),
                grants,
            ));
        }
        Ok(server::write(&self.plan, scope, &entries))
    }

    /// Commands of `nsc` that add a scoped signing key to an account for each set of roles; without a set, for each
    /// role. The name of a user becomes the id of each of its roles.
    ///
    /// # Errors
    ///
    /// Fails if a role is unknown.
    pub fn signing_keys(&self, sets: &[Vec<String>]) -> Result<String, AclError> {
        Ok(claims::commands(&self.plan, &self.scopes(sets)?))
    }

    /// The same scopes as JSON: a list of scopes as the claims of an account hold them, with empty keys.
    ///
    /// # Errors
    ///
    /// Fails if a role is unknown.
    pub fn signing_key_scopes(&self, sets: &[Vec<String>]) -> Result<String, AclError> {
        Ok(claims::scopes(&self.scopes(sets)?))
    }

    fn scopes(&self, sets: &[Vec<String>]) -> Result<Vec<(String, Permissions)>, AclError> {
        let all: Vec<Vec<String>>;
        let sets = if sets.is_empty() {
            let roles = self.plan.protocol.roles.iter();
            all = roles.map(|role| vec![role.name.snake()]).collect();
            &all
        } else {
            sets
        };
        let scope = |roles: &Vec<String>| {
            let grant = |name: &String| {
                let (role, id) = (self.role(name)?, USER_NAME.to_owned());
                Ok(Grant { role, id })
            };
            let grants: Vec<Grant<'_>> =
                roles.iter().map(grant).collect::<Result<_, AclError>>()?;
            let permissions = Permissions::of(&self.plan, self.prefix, &grants);
            Ok((roles.join("-"), permissions))
        };
        sets.iter().map(scope).collect()
    }

    fn grants(&self, user: &AclUser) -> Result<Vec<Grant<'a>>, AclError> {
        let grant = |(name, id): (&String, &String)| {
            let role = self.role(name)?;
            self.check_id(role, id)?;
            let id = id.clone();
            Ok(Grant { role, id })
        };
        user.roles.iter().map(grant).collect()
    }

    fn role(&self, name: &str) -> Result<&'a Role, AclError> {
        let roles = &self.plan.protocol.roles;
        let found = roles.iter().find(|role| role.name.snake() == name);
        found.ok_or_else(|| {
            let names: Vec<String> = roles.iter().map(|role| role.name.snake()).collect();
            let help = match nearest(name, names.iter().map(String::as_str)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("the roles are `{}`", names.join("`, `")),
            };
            AclError::new(format!("there is no role `{name}`"), help)
        })
    }

    /// Checks that the id is a token, and a number if the instances of the role have numbers.
    fn check_id(&self, role: &Role, id: &str) -> Result<(), AclError> {
        let expected = match self.instance_range(&role.name) {
            Some((min, max)) => {
                let is_canonical = |number: &i128| number.to_string() == id;
                let number = id.parse().ok().filter(is_canonical);
                if number.is_some_and(|number| (min..=max).contains(&number)) {
                    return Ok(());
                }
                format!("a number from {min} to {max}")
            }
            None if is_token(id) => return Ok(()),
            None => format!("1 to {LONGEST} {PLAIN}"),
        };
        let message = format!("invalid id `{id}` of the role `{}`", role.name);
        Err(AclError::new(message, format!("use {expected}")))
    }

    /// The range of the numbers of a role's instances, if they have numbers.
    fn instance_range(&self, role: &Name) -> Option<(i128, i128)> {
        let peer = self
            .plan
            .peers
            .iter()
            .find(|peer| peer.role.name == *role)?;
        match &self.plan.get(&peer.instance()?.ty)?.shape {
            Shape::Integer(range) => Some((range.min, range.max)),
            _ => None,
        }
    }
}

/// Whether a text is a token of a subject, and has no meaning in the configuration of a server.
fn is_token(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.chars().all(is_plain)
}

/// Whether a text is a name of 1 to 128 characters.
fn is_safe(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    (1..=128).contains(&text.len()) && text.bytes().all(plain)
}
