//! Each form of connection succeeds, and each wrong form fails within a second with the cause and a fix.

use std::fs;
use std::time::{Duration, Instant};

use natsgen_runtime::ConnectErrorKind::{BadOptions, Denied, Tls, Unreachable};
use natsgen_runtime::{ConnectErrorKind, NatsOptions};
use natsgen_testing::{JwtOperator, NatsServer, next_port};
use nkeys::KeyPair;

use crate::authority::Authority;

/// The limit of a failure. A busy machine may need more than a second for the TLS handshakes of all attempts.
const QUICK: Duration = Duration::from_secs(1);

const DENIED: &str = "refused the credentials; check";
const TLS: &str = "TLS failed; check";

async fn succeeds(form: &str, options: NatsOptions) {
    let connected = options.connect().await;
    let connection = connected.unwrap_or_else(|error| panic!("{form}: {error} {error:?}"));
    assert!(connection.flush().await, "{form}");
}

async fn fails(form: &str, options: NatsOptions, kind: ConnectErrorKind, text: &str) {
    let started = Instant::now();
    let connected = options.connect().await;
    let took = started.elapsed();
    let error = connected.map(drop).expect_err(form);
    assert_eq!(error.kind(), kind, "{form}: {error:?}");
    assert!(error.to_string().contains(text), "{form}: {error}");
    assert!(took < QUICK, "{form}: {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn password_and_token_forms_succeed_or_name_the_fix() {
    let open = NatsServer::start().unwrap();
    succeeds("none", NatsOptions::new(&open.url())).await;
    let user = r#"authorization { users: [{ user: "ada", password: "secret" }] }"#;
    let server = NatsServer::start_with(user).unwrap();
    let at = |credentials: &str| {
        NatsOptions::new(&format!("nats://{credentials}127.0.0.1:{}", server.port()))
    };
    succeeds("user", at("").user("ada", "secret")).await;
    succeeds("user in the URL", at("ada:secret@")).await;
    fails("none", at(""), Denied, DENIED).await;
    fails(
        "wrong password",
        at("").user("ada", "other"),
        Denied,
        DENIED,
    )
    .await;
    fails("unknown user", at("bob:secret@"), Denied, DENIED).await;
    fails("token for a user", at("").token("secret"), Denied, DENIED).await;
    let server = NatsServer::start_with(r#"authorization { token: "secret" }"#).unwrap();
    let at = NatsOptions::new(&server.url());
    succeeds("token", at.clone().token("secret")).await;
    fails("wrong token", at.clone().token("other"), Denied, DENIED).await;
    fails("user for a token", at.user("ada", "secret"), Denied, DENIED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nkey_forms_succeed_or_name_the_fix() {
    let [known, other] = [KeyPair::new_user(), KeyPair::new_user()];
    let users = format!(
        "authorization {{ users: [{{ nkey: {} }}] }}",
        known.public_key()
    );
    let server = NatsServer::start_with(&users).unwrap();
    let with = |seed: &str| NatsOptions::new(&server.url()).nkey_seed(seed);
    succeeds("nkey", with(&known.seed().unwrap())).await;
    succeeds(
        "nkey with a line end",
        with(&(known.seed().unwrap() + "\n")),
    )
    .await;
    fails("unknown nkey", with(&other.seed().unwrap()), Denied, DENIED).await;
    fails("no nkey", with("secret"), BadOptions, "begins with SU").await;
    fails(
        "public nkey",
        with(&known.public_key()),
        BadOptions,
        "begins with SU",
    )
    .await;
    let account = KeyPair::new_account().seed().unwrap();
    fails(
        "nkey of an account",
        with(&account),
        BadOptions,
        "belongs to no user",
    )
    .await;
    fails("none", NatsOptions::new(&server.url()), Denied, DENIED).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn credentials_file_forms_succeed_or_name_the_fix() {
    let authority = Authority::new();
    let [operator, foreign] = [JwtOperator::new(), JwtOperator::new()];
    let server = NatsServer::start_with(&operator.config()).unwrap();
    let with = |text: &str| {
        let path = authority.path("user.creds");
        fs::write(&path, text).unwrap();
        NatsOptions::new(&server.url()).credentials_file(path)
    };
    succeeds(
        "credentials file",
        with(&operator.credentials(None, "ada", 0)),
    )
    .await;
    let expired = operator.credentials(None, "ada", 1_000);
    fails("expired token", with(&expired), Denied, DENIED).await;
    let unknown = foreign.credentials(None, "ada", 0);
    fails("unknown operator", with(&unknown), Denied, DENIED).await;
    fails(
        "no credentials",
        with("secret"),
        BadOptions,
        "is no credentials file",
    )
    .await;
    let missing = NatsOptions::new(&server.url()).credentials_file(authority.path("none.creds"));
    fails("no file", missing, BadOptions, "none.creds cannot be read").await;
    let valid = operator.credentials(None, "ada", 0);
    let (token, _) = valid.split_once("-----BEGIN USER NKEY SEED").unwrap();
    fails(
        "no seed",
        with(token),
        BadOptions,
        "it needs a JWT and a seed",
    )
    .await;
    let damaged = valid.replace("\nSU", "\nSA");
    fails("damaged seed", with(&damaged), BadOptions, "begins with SU").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_forms_succeed_or_name_the_fix() {
    let [authority, other] = [Authority::new(), Authority::new()];
    let plain = NatsServer::start().unwrap();
    let tls = |port: u16| {
        NatsOptions::new(&format!("tls://127.0.0.1:{port}"))
            .root_certificates(authority.path("ca.pem"))
    };
    let server = authority.server("", "");
    succeeds("tls", tls(server.port())).await;
    let untrusted = NatsOptions::new(&server.url());
    fails("authorities of the system", untrusted.clone(), Tls, TLS).await;
    let unknown = untrusted.root_certificates(other.path("ca.pem"));
    fails("unknown authority", unknown, Tls, TLS).await;
    fails("tls to a plain port", tls(plain.port()), Tls, TLS).await;

    let first = authority.server(", handshake_first: true", "");
    succeeds("TLS first", tls(first.port()).tls_first()).await;
    fails(
        "plain to TLS first",
        NatsOptions::new(&first.url()),
        Tls,
        "set the option `tls_first`",
    )
    .await;
    fails(
        "tls to TLS first",
        tls(first.port()),
        Tls,
        "set the option `tls_first`",
    )
    .await;
    fails(
        "TLS first to a plain port",
        tls(plain.port()).tls_first(),
        Tls,
        TLS,
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn tls_certificates_are_checked_on_both_sides() {
    let [authority, other] = [Authority::new(), Authority::new()];
    let tls = |port: u16| {
        NatsOptions::new(&format!("tls://127.0.0.1:{port}"))
            .root_certificates(authority.path("ca.pem"))
    };
    authority.sign_until("old", &["localhost", "127.0.0.1"], 2020);
    let old = format!("tls {{ {} }}", authority.files_of("old"));
    let old = NatsServer::start_with(&old).unwrap();
    fails("expired certificate", tls(old.port()), Tls, TLS).await;

    let verifying = authority.server(", verify: true", "");
    authority.sign("client", &["client"]);
    authority.sign_until("expired", &["client"], 2020);
    other.sign("foreign", &["client"]);
    let shows = |authority: &Authority, name: &str| {
        let [certificate, key] =
            ["pem", "key"].map(|kind| authority.path(&format!("{name}.{kind}")));
        tls(verifying.port()).client_certificate(certificate, key)
    };
    succeeds("client certificate", shows(&authority, "client")).await;
    fails("no client certificate", tls(verifying.port()), Tls, TLS).await;
    fails(
        "expired client certificate",
        shows(&authority, "expired"),
        Tls,
        TLS,
    )
    .await;
    fails(
        "foreign client certificate",
        shows(&other, "foreign"),
        Tls,
        TLS,
    )
    .await;
    fails(
        "no file",
        shows(&authority, "none"),
        Tls,
        "none.pem cannot be read",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn websocket_forms_succeed_or_name_the_fix() {
    let [authority, other] = [Authority::new(), Authority::new()];
    authority.sign("server", &["localhost", "127.0.0.1"]);
    let [plain, secure] = [next_port(), next_port()];
    let user = r#"authorization { users: [{ user: "ada", password: "secret" }] }"#;
    let server = format!("websocket {{ port: {plain}, no_tls: true }}\n{user}");
    let server = NatsServer::start_with(&server).unwrap();
    let ws = format!("ws://127.0.0.1:{plain}");
    succeeds("ws", NatsOptions::new(&ws).user("ada", "secret")).await;
    fails(
        "ws without credentials",
        NatsOptions::new(&ws),
        Denied,
        DENIED,
    )
    .await;
    let wrong = NatsOptions::new(&format!("ws://127.0.0.1:{}", server.port()));
    fails(
        "ws to a NATS port",
        wrong,
        Unreachable,
        "no NATS server answers",
    )
    .await;
    let wrong = NatsOptions::new(&format!("nats://127.0.0.1:{plain}"));
    fails("nats to a ws port", wrong, Unreachable, "use a ws:// URL").await;

    let files = authority.files_of("server");
    let server = format!("websocket {{ port: {secure}, tls {{ {files} }} }}");
    let _server = NatsServer::start_with(&server).unwrap();
    let wss = |authority: &Authority| {
        let options = NatsOptions::new(&format!("wss://127.0.0.1:{secure}"));
        options.root_certificates(authority.path("ca.pem"))
    };
    succeeds("wss", wss(&authority)).await;
    fails("wss of an unknown authority", wss(&other), Tls, TLS).await;
}
