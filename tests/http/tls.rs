//! HTTPS.

use std::fs;

use natsgen_runtime::http::{HttpOptions, HttpPeer, HttpRoutes, HttpServer, HttpServerOptions};
use natsgen_runtime::{Connection, Failure, NotDelivered};
use varpulis_sample::SampleWorker;
use varpulis_sdk::types::WorkerId;
use varpulis_sdk::worker::{DrainRequest, WorkerClient, WorkerServer};
use varpulis_sdk::{http, subject};

use crate::raw::local;

#[tokio::test]
async fn tls_private_authority_is_trusted_if_configured() {
    let folder = std::env::temp_dir().join(format!("varpulis-https-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let (certificate, key) = (folder.join("cert.pem"), folder.join("key.pem"));
    let own = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(&certificate, own.cert.pem()).unwrap();
    fs::write(&key, own.signing_key.serialize_pem()).unwrap();
    let (connection, id) = (Connection::memory(), WorkerId::try_from("w0").unwrap());
    let worker = SampleWorker::new(&connection, id.clone(), 3, Vec::new());
    let _server = WorkerServer::new(worker)
        .start(&connection, &id)
        .await
        .unwrap();
    let (prefix, routes) = (subject::PREFIX, HttpRoutes::new(http::ROUTES).unwrap());
    let options = HttpServerOptions::new()
        .param("worker_id", "w0")
        .tls(&certificate, &key);
    let server = HttpServer::start(local(), &connection, &prefix, &routes, &options);
    let server = server.await.unwrap();
    let port = server.address().port();
    let drain = async |url: &str, is_trusted: bool| {
        let options =
            HttpOptions::new(&routes, &prefix).peer("worker", HttpPeer::new(url).unwrap());
        let options = if is_trusted {
            options.root_certificates(&certificate)
        } else {
            options
        };
        let client = WorkerClient::new(&options.connect().unwrap());
        client.drain(&id, &DrainRequest::new()).await
    };
    drain(&format!("https://localhost:{port}"), true)
        .await
        .unwrap();
    for (url, is_trusted) in [
        (format!("https://localhost:{port}"), false),
        (format!("https://127.0.0.1:{port}"), true),
    ] {
        let error = drain(&url, is_trusted).await.unwrap_err();
        let expected = Failure::NotDelivered(NotDelivered::NoResponders);
        assert_eq!(error.failure, expected, "{url}");
    }
    let error = drain(&format!("http://localhost:{port}"), true)
        .await
        .unwrap_err();
    assert!(matches!(error.failure, Failure::NoAnswer(_)), "{error}");
    fs::remove_dir_all(&folder).unwrap();
}
