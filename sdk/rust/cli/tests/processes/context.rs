//! `varpulis context`: named NATS servers.

use natsgen_testing::NatsServer;

use super::process::{Directory, command};

#[test]
fn context_names_a_server_with_its_credentials() {
    let config = r#"authorization { user: ada, password: "open sesame" }"#;
    let (directory, server) = (Directory::new(), NatsServer::start_with(config).unwrap());
    let home = directory.path("home");
    let run = |arguments: &[&str]| {
        let output = command(arguments, &[("XDG_CONFIG_HOME", &home)]).output();
        let output = output.unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        (
            output.status.code().unwrap(),
            text(output.stdout),
            text(output.stderr),
        )
    };
    let url = server.url().replace("nats://", "nats://ada:open%20sesame@");
    let (code, file, stderr) = run(&["context", "add", "home", "--nats", &url, "--select"]);
    assert_eq!(code, 0, "{stderr}");
    let (code, _, stderr) = run(&["context", "add", "other", "--nats", "nats://127.0.0.1:9"]);
    assert_eq!(code, 0, "{stderr}");
    assert_eq!(run(&["context", "list"]).1, "* home\n  other\n");
    let (_, shown, _) = run(&["context", "show"]);
    assert!(
        shown.contains("nats://…@127.0.0.1") && !shown.contains("sesame"),
        "{shown}"
    );
    // The server of the selected context answers that nobody serves the operation.
    let (code, _, stderr) = run(&["call", "list_workers"]);
    assert!(
        code == 1 && stderr.contains("no server listens"),
        "{stderr}"
    );
    let (code, _, stderr) = run(&["call", "list_workers", "--context", "other"]);
    assert_eq!(code, 3, "{stderr}");
    let (code, _, stderr) = run(&["call", "list_workers", "--context", "absent"]);
    assert!(
        code == 2 && stderr.contains("known: home, other"),
        "{stderr}"
    );
    let (code, _, stderr) = run(&["context", "add", "../x", "--nats", "nats://a"]);
    assert!(
        code == 2 && stderr.contains("no name of a context"),
        "{stderr}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(file.trim()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    assert_eq!(run(&["context", "remove", "home"]).0, 0);
    assert_eq!(run(&["context", "list"]).1, "  other\n");
    let (code, _, stderr) = run(&["context", "show"]);
    assert!(
        code == 2 && stderr.contains("no context is selected"),
        "{stderr}"
    );
}
