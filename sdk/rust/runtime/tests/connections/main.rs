//! All forms of credentials and TLS, and the errors of wrong forms.

mod authority;
mod forms;
mod rotation;
mod tls;

use natsgen_runtime::{ConnectErrorKind, NatsOptions};

/// The result of an attempt to connect.
async fn outcome(options: NatsOptions) -> Result<(), ConnectErrorKind> {
    let connected = options.connect_transport().await;
    connected.map(drop).map_err(|error| error.kind())
}
