//! An operator with an account, for servers that authenticate users by tokens (JWT).

use std::time::{SystemTime, UNIX_EPOCH};

use data_encoding::BASE64URL_NOPAD;
use nkeys::KeyPair;
use serde_json::{Map, Value, json};

/// The limits of an account without limits.
const NO_LIMITS: [&str; 7] = [
    "subs", "conn", "leaf", "imports", "exports", "data", "payload",
];

/// An operator with one account. It signs the tokens of users.
#[derive(Debug)]
pub struct JwtOperator {
    operator: KeyPair,
    /// The token of the operator. A server that reloads its configuration refuses another one.
    token: String,
    account: KeyPair,
    signing_keys: Vec<Value>,
    /// Seconds of Unix time by public key of a user: tokens issued until then are revoked.
    revocations: Map<String, Value>,
}

impl JwtOperator {
    /// Creates an operator and its account with random keys.
    #[must_use]
    pub fn new() -> Self {
        let operator = KeyPair::new_operator();
        let nats = json!({ "type": "operator", "version": 2 });
        let own = operator.public_key();
        Self {
            token: token(&operator, &own, "operator", 0, &nats),
            operator,
            account: KeyPair::new_account(),
            signing_keys: Vec::new(),
            revocations: Map::new(),
        }
    }

    /// Adds a signing key with this scope to the account; the member `key` of the scope is replaced. Returns the key.
    #[must_use]
    pub fn add_scope(&mut self, mut scope: Value) -> KeyPair {
        let key = KeyPair::new_account();
        scope["key"] = json!(key.public_key());
        self.signing_keys.push(scope);
        key
    }

    /// Returns the content of a credentials file of a new user, signed by a key of the account: a key of
    /// [`JwtOperator::add_scope`], or else the key of the account itself. `expires` is in seconds of Unix time; 0 is
    /// never.
    ///
    /// # Panics
    /// If the key cannot sign.
    #[must_use]
    pub fn credentials(&self, key: Option<&KeyPair>, name: &str, expires: u64) -> String {
        let user = KeyPair::new_user();
        let issuer = key.unwrap_or(&self.account);
        let mut nats = json!({ "type": "user", "version": 2 });
        if key.is_some() {
            nats["issuer_account"] = json!(self.account.public_key());
        } else {
            for limit in ["subs", "data", "payload"] {
                nats[limit] = json!(-1);
            }
        }
        let token = token(issuer, &user.public_key(), name, expires, &nats);
        let seed = user.seed().expect("a user has a seed");
        format!(
            "-----BEGIN NATS USER JWT-----\n{token}\n------END NATS USER JWT------\n\n\
             -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
        )
    }

    /// Revokes the tokens that all users of the account have now. The next [`JwtOperator::config`] says so.
    pub fn revoke_users(&mut self) {
        self.revocations.insert("*".to_owned(), json!(now()));
    }

    /// Returns the configuration of a server with this operator and its account, in memory.
    #[must_use]
    pub fn config(&self) -> String {
        let mut limits: Value = NO_LIMITS
            .iter()
            .map(|name| ((*name).to_owned(), json!(-1)))
            .collect();
        limits["wildcards"] = json!(true);
        let nats = json!({
            "type": "account", "version": 2, "limits": limits, "signing_keys": self.signing_keys,
            "revocations": self.revocations,
        });
        let key = self.account.public_key();
        let account = token(&self.operator, &key, "account", 0, &nats);
        format!(
            "operator: \"{}\"\nresolver: MEMORY\nresolver_preload: {{ {key}: \"{account}\" }}\n",
            self.token
        )
    }
}

impl Default for JwtOperator {
    fn default() -> Self {
        Self::new()
    }
}

/// Claims about `subject`, signed by `issuer`.
fn token(issuer: &KeyPair, subject: &str, name: &str, expires: u64, nats: &Value) -> String {
    let header = json!({ "typ": "JWT", "alg": "ed25519-nkey" });
    let mut claims = json!({
        "jti": subject, "iat": now(), "iss": issuer.public_key(),
        "name": name, "sub": subject, "nats": nats,
    });
    if expires > 0 {
        claims["exp"] = json!(expires);
    }
    let encode = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
    let signed = format!("{}.{}", encode(&header), encode(&claims));
    let signature = issuer.sign(signed.as_bytes()).expect("the key signs");
    format!("{signed}.{}", BASE64URL_NOPAD.encode(&signature))
}

/// The seconds of Unix time.
fn now() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.unwrap_or_default().as_secs()
}
