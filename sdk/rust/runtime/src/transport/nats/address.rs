//! Server addresses and the credentials in them.

use std::str::FromStr;

use super::credentials::Credentials;

/// Whether the client supports WebSocket URLs.
const WEBSOCKETS: bool = cfg!(feature = "websockets");

/// The address of a server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Address {
    /// The URL without credentials, so it may be logged.
    pub(super) url: String,
    pub(super) credentials: Option<Credentials>,
}

impl Address {
    pub(super) fn is_tls(&self) -> bool {
        self.url.starts_with("tls://")
    }

    pub(super) fn is_websocket(&self) -> bool {
        self.url.starts_with("ws")
    }

    /// The name or address of the host, without brackets, and the port.
    pub(super) fn host_and_port(&self) -> (String, u16) {
        // The address was parsed before.
        let address = async_nats::ServerAddr::from_str(&self.url);
        address.map_or_else(
            |_| (String::new(), 0),
            |address| (address.host().to_owned(), address.port()),
        )
    }
}

impl FromStr for Address {
    type Err = &'static str;

    /// Parses `[nats://|tls://|ws://|wss://][user:password@|token@]host[:port]`. Errors contain no part of the input,
    /// because any part may be a misplaced password.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, rest) = text
            .trim()
            .split_once("://")
            .unwrap_or(("nats", text.trim()));
        // Schemes ignore case (RFC 3986, section 3.1), but the client does not.
        let scheme = match scheme.to_ascii_lowercase().as_str() {
            "nats" => "nats",
            "tls" => "tls",
            "ws" if WEBSOCKETS => "ws",
            "wss" if WEBSOCKETS => "wss",
            "ws" | "wss" => return Err("WebSocket URLs need the feature `websockets`"),
            _ => return Err("a server's URL begins with nats://, tls://, ws:// or wss://"),
        };
        // A password may contain any character; a host contains no `@`.
        let (credentials, host) = match rest.rsplit_once('@') {
            Some((credentials, host)) => (Some(credentials.parse()?), host),
            None => (None, rest),
        };
        let url = format!("{scheme}://{}", host.trim_end_matches('/'));
        match async_nats::ServerAddr::from_str(&url) {
            Ok(address) if !address.host().is_empty() => Ok(Self { url, credentials }),
            _ => Err("a server's URL has a host, and a port if not 4222"),
        }
    }
}

impl FromStr for Credentials {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, password) = match text.split_once(':') {
            Some((name, password)) => (decode(name)?, Some(decode(password)?)),
            None => (decode(text)?, None),
        };
        match (name.is_empty(), password) {
            (true, _) => Err("the user or token in a server's URL is empty"),
            (false, Some(password)) => Ok(Self::User { name, password }),
            (false, None) => Ok(Self::Token(name)),
        }
    }
}

/// Decodes percent-encoding. A `%` without two hexadecimal digits stays unchanged, because many passwords are pasted
/// without encoding.
fn decode(text: &str) -> Result<String, &'static str> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .filter(|hex| hex.iter().all(u8::is_ascii_hexdigit));
        let code = hex
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code {
            Some(code) if byte == b'%' => {
                bytes.push(code);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).map_err(|_| "the credentials in a server's URL are not UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn address_url_contains_no_credentials() {
        let user = |name: &str, password: &str| {
            Some(Credentials::User {
                name: name.to_owned(),
                password: password.to_owned(),
            })
        };
        let check = |text: &str, url: &str, credentials: Option<Credentials>| {
            assert_eq!(
                text.parse(),
                Ok(Address {
                    url: url.to_owned(),
                    credentials
                }),
                "{text}"
            );
        };
        check("localhost", "nats://localhost", None);
        check("nats://h:4223/", "nats://h:4223", None);
        check("tls://[::1]:4222", "tls://[::1]:4222", None);
        check("NATS://h", "nats://h", None);
        if WEBSOCKETS {
            check("wss://h:443", "wss://h:443", None);
            check("ws://ada:secret@h", "ws://h", user("ada", "secret"));
        } else {
            assert!("ws://h".parse::<Address>().is_err());
        }
        check("Tls://ada:secret@h", "tls://h", user("ada", "secret"));
        check("nats://ada:secret@h", "nats://h", user("ada", "secret"));
        check("ada:@h", "nats://h", user("ada", ""));
        check("nats://ada:p%40s%2Fs@h", "nats://h", user("ada", "p@s/s"));
        check(
            "nats://ada:p@s/s:t#%zz%@h",
            "nats://h",
            user("ada", "p@s/s:t#%zz%"),
        );
        check(
            "nats://t0k3n@h",
            "nats://h",
            Some(Credentials::Token("t0k3n".to_owned())),
        );
    }

    #[test]
    fn address_errors_do_not_contain_the_input() {
        for bad in [
            "",
            "nats://",
            "http://h",
            "wsss://h",
            "nats://h:port",
            "nats://:pw@h",
            "@h",
            "nats://a b",
            "%ff:x@h",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad}");
        }
    }

    #[test]
    fn address_debug_hides_secrets() {
        let address: Address = "nats://ada:secret@h".parse().unwrap();
        assert!(!format!("{address:?}").contains("secret"));
        let address: Address = "nats://secret@h".parse().unwrap();
        assert!(!format!("{address:?}").contains("secret"));
    }
}
