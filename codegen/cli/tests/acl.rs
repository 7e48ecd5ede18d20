//! Tests of `natsgen acl`: the permissions of roles, and the errors of users.

use natsgen::{Acl, AclScope, AclSecret, AclUser, Schemas, compile};
use serde_json::Value as Json;

const BASE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/invalid/base");
const VARPULIS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../schema");

/// Runs `act` with the permissions of a schema directory.
fn with_acl<T>(directory: &str, act: impl FnOnce(&Acl<'_>) -> T) -> T {
    let schemas = Schemas::read_dir(directory).expect("schemas");
    let (protocol, _) = compile(&schemas).expect("a protocol");
    act(&Acl::new(&protocol, "schema"))
}

/// The lines of an output with subjects, without quotes.
fn subjects(text: &str) -> Vec<String> {
    let lines = text.lines().map(str::trim);
    let quoted = lines.filter(|line| line.starts_with('"'));
    quoted.map(|line| line.replace('"', "")).collect()
}

#[test]
fn acl_instance_sends_and_receives_under_its_own_id() {
    let users = ["l7=lamp:l7", "p=panel:p"].map(|text| AclUser::parse(text).expect("a user"));
    let text = with_acl(BASE, |acl| acl.users(&users, AclScope::Authorization));
    let expected = [
        "_INBOX_lamp.l7.>",
        "acme.lamps.glow.l7",
        "_INBOX_lamp.l7.>",
        "acme.lamps.cmd.l7.dim",
        "_INBOX_panel.p.>",
        "acme.lamps.cmd.*.dim",
        "_INBOX_panel.p.>",
        "acme.lamps.glow.*",
    ];
    let text = text.expect("permissions");
    assert_eq!(subjects(&text), expected, "{text}");
    assert_eq!(text.matches("allow_responses").count(), 1);
}

#[test]
fn acl_user_with_several_roles_has_their_union() {
    let user = [AclUser::parse("c1=coordinator:1,raft:1").expect("a user")];
    let text = with_acl(VARPULIS, |acl| acl.users(&user, AclScope::Account));
    let text = text.expect("permissions");
    for line in [
        "accounts {",
        "VARPULIS {",
        "\"varpulis.cluster.raft.1.>\"",
        "\"varpulis.cluster.register coordinator\"",
    ] {
        assert!(text.contains(line), "{text}");
    }
    assert_eq!(text.matches("user: ").count(), 1);
}

#[test]
fn acl_signing_key_has_the_user_name_as_instance() {
    let sets = [vec!["worker".to_owned()]];
    let text = with_acl(VARPULIS, |acl| acl.signing_key_scopes(&sets));
    let scopes: Json = serde_json::from_str(&text.expect("scopes")).expect("JSON");
    let template = &scopes[0]["template"];
    let published = template["pub"]["allow"].to_string();
    assert!(
        published.contains("varpulis.cluster.heartbeat.{{name()}}"),
        "{published}"
    );
    assert!(
        published.contains("varpulis.cluster.pipeline.*.{{name()}}.*"),
        "{published}"
    );
    assert_eq!(template["resp"]["max"], 1);
    let commands = with_acl(VARPULIS, |acl| acl.signing_keys(&[])).expect("commands");
    for role in ["coordinator", "raft", "worker"] {
        assert!(commands.contains(&format!("--role {role} ")), "{commands}");
    }
}

#[test]
fn acl_prefix_replaces_the_prefix_of_the_manifest() {
    let schemas = Schemas::read_dir(BASE).expect("schemas");
    let (protocol, _) = compile(&schemas).expect("a protocol");
    let user = [AclUser::parse("p=panel:p").expect("a user")];
    let acl = Acl::new(&protocol, "schema")
        .prefix("other.site")
        .expect("a prefix");
    let text = acl
        .users(&user, AclScope::Authorization)
        .expect("permissions");
    assert!(
        text.contains("\"other.site.cmd.*.dim\"") && !text.contains("acme"),
        "{text}"
    );
    for prefix in ["", "a.", "a.>", "a b", "a.\"x\""] {
        let acl = Acl::new(&protocol, "schema");
        assert!(acl.prefix(prefix).is_err(), "{prefix}");
    }
}

#[test]
fn acl_invalid_users_have_errors_with_help() {
    let check = |texts: &[&str], expected: &str| {
        let users: Result<Vec<_>, _> = texts.iter().map(|text| AclUser::parse(text)).collect();
        let written = users
            .and_then(|users| with_acl(VARPULIS, |acl| acl.users(&users, AclScope::Authorization)));
        let error = written.expect_err(expected).to_string();
        assert!(
            error.starts_with(expected) && error.contains("\n  help: "),
            "{error}"
        );
    };
    check(&[], "there are no users");
    check(&["w0"], "invalid user `w0`");
    check(&["w0=worker"], "invalid user `w0=worker`");
    check(&["w 0=worker:w0"], "invalid user name `w 0`");
    check(
        &["w0=wroker:w0"],
        "there is no role `wroker`\n  help: did you mean `worker`?",
    );
    check(&["w0=worker:w*"], "invalid id `w*` of the role `worker`");
    check(&["w0=worker:"], "invalid id `` of the role `worker`");
    check(&["c=raft:01"], "invalid id `01` of the role `raft`");
    check(&["c=raft:-1"], "invalid id `-1` of the role `raft`");
    check(
        &["w0=worker:a,worker:b"],
        "the user `w0` has the role `worker` twice",
    );
    check(
        &["w-0=worker:a", "w_0=worker:b"],
        "the users `w-0` and `w_0` both have the variable `W_0_PASSWORD`",
    );
}

#[test]
fn acl_file_of_users_names_hashes_and_keys() {
    let hash = "$2a$11$o7dpQgiBNgaXqYxLWHiUFuCKgZqTQMcwpVQPzFRjjEAzc3nQyBcCW";
    let key = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";
    let text = format!(
        r#"{{"a": {{"roles": {{"worker": "w0"}}, "password_hash": "{hash}"}}, "b": {{"roles": {{"worker": "w1"}}, "nkey": "{key}"}}}}"#
    );
    let users = AclUser::parse_file(&text).expect("users");
    assert_eq!(users[0].secret, AclSecret::Bcrypt(hash.to_owned()));
    let text = with_acl(VARPULIS, |acl| acl.users(&users, AclScope::Authorization));
    let text = text.expect("permissions");
    assert!(text.contains(&format!("password: \"{hash}\"")), "{text}");
    assert!(
        text.contains(&format!("nkey: \"{key}\"")) && !text.contains("user: \"b\""),
        "{text}"
    );
    for text in [
        "[]",
        r#"{"a": {}}"#,
        r#"{"a": {"roles": {}}}"#,
        r#"{"a": {"roles": {"worker": "w0"}, "password": "secret"}}"#,
        r#"{"a": {"roles": {"worker": "w0"}, "password_hash": "secret"}}"#,
        r#"{"a": {"roles": {"worker": "w0"}, "nkey": "SUANQ"}}"#,
    ] {
        assert!(AclUser::parse_file(text).is_err(), "{text}");
    }
}
