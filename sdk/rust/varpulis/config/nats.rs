//! NATS options from the configuration.

use natsgen_runtime::NatsOptions;

use crate::types::{NatsConfig, NatsCredentials};

impl From<&NatsConfig> for NatsOptions {
    fn from(config: &NatsConfig) -> Self {
        let mut options = Self::new(config.servers.expose())
            .ping_interval(config.ping_interval.into())
            .connect_timeout(config.connect_timeout.into())
            .subscription_capacity(config.subscription_capacity.get() as usize);
        match &config.credentials {
            Some(NatsCredentials::Token(token)) => options = options.token(token.expose()),
            Some(NatsCredentials::User(user)) => {
                options = options.user(user.name.as_str(), user.password.expose());
            }
            Some(NatsCredentials::NkeySeed(seed)) => options = options.nkey_seed(seed.expose()),
            Some(NatsCredentials::CredentialsPath(path)) => {
                options = options.credentials_file(path.as_str());
            }
            None => {}
        }
        if let Some(prefix) = &config.inbox_prefix {
            options = options.inbox_prefix(prefix.as_str());
        }
        if config.tls_first {
            options = options.tls_first();
        }
        if let Some(name) = &config.name {
            options = options.name(name.as_str());
        }
        if let Some(prefix) = &config.prefix {
            options = options.prefix(prefix.as_str());
        }
        if let Some(path) = &config.root_certificates_path {
            options = options.root_certificates(path.as_str());
        }
        if let Some(client) = &config.client_certificate {
            let key = client.key_path.as_str();
            options = options.client_certificate(client.certificate_path.as_str(), key);
        }
        if let Some(wait) = config.wait {
            options = options.wait(wait.into());
        }
        options
    }
}
