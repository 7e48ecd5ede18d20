//! Identifiers: exported and unexported names with the initialisms of Go, names of packages and files.

use super::reserved;
use crate::model::Name;

/// Words that Go writes in upper case, sorted.
const INITIALISMS: [&str; 42] = [
    "acl", "amqp", "api", "ascii", "cpu", "css", "db", "dns", "eof", "gid", "guid", "html", "http",
    "https", "id", "ip", "json", "qps", "ram", "rpc", "rtp", "sip", "sla", "smtp", "sql", "ssh",
    "tcp", "tls", "ts", "ttl", "udp", "ui", "uid", "uri", "url", "utf8", "uuid", "vm", "xml",
    "xmpp", "xsrf", "xss",
];

/// Words at the end of a file name with which the go command builds a file only for tests, for a system or for an
/// architecture.
const BUILD_CONSTRAINTS: [&str; 43] = [
    "386",
    "aix",
    "amd64",
    "amd64p32",
    "android",
    "arm",
    "arm64",
    "arm64be",
    "armbe",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "loong64",
    "mips",
    "mips64",
    "mips64le",
    "mips64p32",
    "mips64p32le",
    "mipsle",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "ppc",
    "ppc64",
    "ppc64le",
    "riscv",
    "riscv64",
    "s390",
    "s390x",
    "solaris",
    "sparc",
    "sparc64",
    "test",
    "wasip1",
    "wasm",
    "windows",
    "zos",
];

/// An exported name: `WorkerID`.
pub(in super::super) fn exported(name: &Name) -> String {
    name.words().iter().map(|word| capital(word)).collect()
}

/// The constant of a role: `RoleWorker`.
pub(super) fn role(name: &Name) -> String {
    format!("Role{}", exported(name))
}

/// The name of a field or a variant: exported, with `_` at its end if it is the name of a method.
pub(super) fn member(name: &Name) -> String {
    let exported = exported(name);
    let end = if reserved::METHODS.contains(&&*exported) {
        "_"
    } else {
        ""
    };
    exported + end
}

/// An unexported name: `workerID`.
pub(super) fn unexported(name: &Name) -> String {
    let Some((first, rest)) = name.words().split_first() else {
        return String::new();
    };
    let rest = rest.iter().map(|word| capital(word));
    [first.clone()].into_iter().chain(rest).collect()
}

/// The package of a folder of the schema directory, and its directory.
pub(super) fn package(folder: &str) -> String {
    folder.replace('_', "")
}

/// The file of a document: `inject_batch.go`. A last word with a meaning for the go command gets a `_`.
pub(super) fn file(stem: &str) -> String {
    let constrained = stem
        .rsplit_once('_')
        .is_some_and(|(_, last)| BUILD_CONSTRAINTS.contains(&last));
    let end = if constrained { "_" } else { "" };
    format!("{stem}{end}.go")
}

fn capital(word: &str) -> String {
    let singular = word.strip_suffix('s').filter(|stem| is_initialism(stem));
    if is_initialism(word) {
        word.to_ascii_uppercase()
    } else if let Some(stem) = singular {
        stem.to_ascii_uppercase() + "s"
    } else {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect()
    }
}

fn is_initialism(word: &str) -> bool {
    INITIALISMS.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_contain_initialisms() {
        assert!(INITIALISMS.is_sorted());
        for (snake, public, private) in [
            ("worker_id", "WorkerID", "workerID"),
            ("id", "ID", "id"),
            ("pipeline_ids", "PipelineIDs", "pipelineIDs"),
            ("api_key", "APIKey", "apiKey"),
            ("https_url", "HTTPSURL", "httpsURL"),
            ("status", "Status", "status"),
            ("a12", "A12", "a12"),
        ] {
            let name = Name::from_snake(snake).expect("is snake case");
            assert_eq!((&*exported(&name), &*unexported(&name)), (public, private));
        }
    }

    #[test]
    fn names_of_files_have_no_build_constraint() {
        for (stem, path) in [
            ("inject_batch", "inject_batch.go"),
            ("inject_test", "inject_test_.go"),
            ("status_linux", "status_linux_.go"),
            ("linux", "linux.go"),
            ("test", "test.go"),
        ] {
            assert_eq!(file(stem), path);
        }
    }
}
