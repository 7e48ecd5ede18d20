//! Credentials of a client, and their proof to a server.

use std::fmt;
use std::path::PathBuf;

use super::error::{ConnectError, ConnectErrorKind};

/// Credentials. They are passed to the client separately, because the client ignores credentials in a URL.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Credentials {
    User {
        name: String,
        password: String,
    },
    Token(String),
    /// The seed of a user's nkey.
    NkeySeed(String),
    /// A file with a user's JWT and nkey seed. Each connection reads it again.
    File(PathBuf),
}

impl Credentials {
    /// Returns the options of a client with these credentials.
    ///
    /// # Errors
    /// If a seed is invalid, or a credentials file cannot be read.
    pub(super) fn client_options(self) -> Result<async_nats::ConnectOptions, ConnectError> {
        let options = async_nats::ConnectOptions::new();
        match self {
            Self::User { name, password } => Ok(options.user_and_password(name, password)),
            Self::Token(token) => Ok(options.token(token)),
            Self::NkeySeed(seed) => signing::with_seed(seed),
            Self::File(path) => signing::with_file(path),
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User { name, .. } => f
                .debug_struct("User")
                .field("name", name)
                .finish_non_exhaustive(),
            Self::Token(_) => f.write_str("Token(***)"),
            Self::NkeySeed(_) => f.write_str("NkeySeed(***)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

fn invalid(text: String) -> ConnectError {
    ConnectError::new(ConnectErrorKind::BadOptions, text, None)
}

#[cfg(feature = "nkeys")]
mod signing {
    use std::fs;
    use std::path::{Path, PathBuf};

    use async_nats::{Auth, AuthError, ConnectOptions};
    use nkeys::{KeyPair, KeyPairType};

    use super::invalid;
    use crate::transport::nats::error::ConnectError;

    /// The marks of a credentials file. The value is the first line after a mark.
    const JWT_MARK: &str = "BEGIN NATS USER JWT";
    const SEED_MARK: &str = "BEGIN USER NKEY SEED";

    pub(super) fn with_seed(seed: String) -> Result<ConnectOptions, ConnectError> {
        key(&seed).map_err(|why| invalid(format!("the nkey seed is invalid: {why}")))?;
        Ok(ConnectOptions::with_auth_callback(move |nonce| {
            let auth = sign(&seed, None, &nonce);
            async move { auth.map_err(AuthError::new) }
        }))
    }

    pub(super) fn with_file(path: PathBuf) -> Result<ConnectOptions, ConnectError> {
        let (_, seed) = read(&path).map_err(invalid)?;
        key(&seed).map_err(|why| {
            let path = path.display();
            invalid(format!("the nkey seed in {path} is invalid: {why}"))
        })?;
        Ok(ConnectOptions::with_auth_callback(move |nonce| {
            let auth = read(&path).and_then(|(jwt, seed)| sign(&seed, Some(jwt), &nonce));
            async move { auth.map_err(AuthError::new) }
        }))
    }

    fn sign(seed: &str, jwt: Option<String>, nonce: &[u8]) -> Result<Auth, String> {
        let key = key(seed)?;
        let mut auth = Auth::new();
        auth.signature = Some(key.sign(nonce).map_err(|error| error.to_string())?);
        match jwt {
            Some(jwt) => auth.jwt = Some(jwt),
            None => auth.nkey = Some(key.public_key()),
        }
        Ok(auth)
    }

    fn key(seed: &str) -> Result<KeyPair, String> {
        const HELP: &str = "use the seed of a user, which begins with SU";
        match KeyPair::from_seed(seed.trim()) {
            Ok(key) if key.key_pair_type() == KeyPairType::User => Ok(key),
            Ok(_) => Err(format!("it belongs to no user; {HELP}")),
            Err(error) => Err(format!("{error}; {HELP}")),
        }
    }

    /// The JWT and the seed of a credentials file.
    fn read(path: &Path) -> Result<(String, String), String> {
        let shown = path.display();
        let text = fs::read_to_string(path)
            .map_err(|error| format!("the credentials file {shown} cannot be read: {error}"))?;
        let after = |mark: &str| {
            let mut lines = text.lines().skip_while(|line| !line.contains(mark)).skip(1);
            lines.next().map(|line| line.trim().to_owned())
        };
        after(JWT_MARK).zip(after(SEED_MARK)).ok_or_else(|| {
            format!("{shown} is no credentials file: it needs a JWT and a seed, as `nsc generate creds` writes them")
        })
    }
}

#[cfg(not(feature = "nkeys"))]
mod signing {
    use std::path::PathBuf;

    use async_nats::ConnectOptions;

    use super::invalid;
    use crate::transport::nats::error::ConnectError;

    /// Both need a signature of Ed25519.
    const MISSING: &str = "nkey seeds and credentials files need the feature `nkeys`";

    pub(super) fn with_seed(_: String) -> Result<ConnectOptions, ConnectError> {
        Err(invalid(MISSING.to_owned()))
    }

    pub(super) fn with_file(_: PathBuf) -> Result<ConnectOptions, ConnectError> {
        Err(invalid(MISSING.to_owned()))
    }
}
