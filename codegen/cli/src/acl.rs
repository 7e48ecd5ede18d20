//! `natsgen acl`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use natsgen::{Acl, AclError, AclScope, AclUser, Output};

use crate::failure::Failure;
use crate::files;
use crate::formats::Formats;
use crate::input::{compile, read};
use crate::output::print;

/// The text below the help.
const EXAMPLES: &str = r#"A user may publish what its roles send, subscribe to what they receive, respond to requests, and use the inboxes
`_INBOX_<role>.<id>.>`. All other subjects are denied. A role is given as `<role>:<id>`. The id of an instance is a
token of its subjects; the id of a role without instances only names its inboxes.

Examples:
  natsgen acl --user w0=worker:w0 --user c1=coordinator:1,raft:1
                                      the block `authorization`; the server reads $W0_PASSWORD and $C1_PASSWORD
  natsgen acl --users users.json --out nats/users.conf
                                      users of a file: {"w0": {"roles": {"worker": "w0"}, "nkey": "UABC..."}};
                                      `password_hash` (bcrypt) or `nkey` (public key) replaces the variable
  natsgen acl --users users.json --accounts --prefix acme.staging
                                      an account, and other subjects than those of the manifest
  natsgen acl --users users.json --out nats/users.conf --check
                                      only check whether the file is up to date
  natsgen acl --signing-keys          commands of nsc: a scoped signing key for each role
  natsgen acl --signing-keys worker coordinator,raft --json
                                      scopes of account claims, for a worker and for a process with two roles"#;

#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// The schema directory.
    #[arg(default_value = "schema", value_name = "DIR")]
    directory: String,
    /// How `format` is treated in the schemas.
    #[arg(long, value_enum, default_value_t)]
    formats: Formats,
    /// A user and its roles. Repeat the option for further users.
    #[arg(long = "user", value_name = "NAME=ROLE:ID[,ROLE:ID]")]
    users: Vec<String>,
    /// A JSON file of users.
    #[arg(long = "users", value_name = "FILE")]
    file: Option<PathBuf>,
    /// Write an account with the protocol's name instead of the block `authorization`.
    #[arg(long)]
    accounts: bool,
    /// Write scoped signing keys for these sets of roles instead of users; by default for each role. The name of a user
    /// is the id of its roles.
    #[arg(long, value_name = "ROLE[,ROLE]", num_args = 0.., conflicts_with_all = ["users", "file", "accounts"])]
    signing_keys: Option<Vec<String>>,
    /// Write the scopes of the signing keys as JSON, as the claims of an account hold them, instead of commands.
    #[arg(long, requires = "signing_keys")]
    json: bool,
    /// The prefix of all subjects, in place of the prefix in the manifest.
    #[arg(long)]
    prefix: Option<String>,
    /// The file. Without it, the output is printed.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write nothing; fail if the file is out of date.
    #[arg(long, requires = "out")]
    check: bool,
}

pub(super) fn run(arguments: &Arguments) -> Result<(), Failure> {
    let protocol = compile(&read(&arguments.directory, arguments.formats)?)?;
    let mut acl = Acl::new(&protocol, &arguments.directory);
    if let Some(prefix) = &arguments.prefix {
        acl = acl.prefix(prefix)?;
    }
    let text = match &arguments.signing_keys {
        Some(sets) => signing_keys(&acl, sets, arguments.json)?,
        None => acl.users(&users(arguments)?, scope(arguments))?,
    };
    let Some(out) = &arguments.out else {
        return print(&text);
    };
    let Some(name) = out.file_name() else {
        let message = format!("`--out {}` is no file\n", out.display());
        return Err(Failure::Broken(message));
    };
    let files = BTreeMap::from([(name.to_string_lossy().into_owned(), text)]);
    let directory = out.parent().unwrap_or_else(|| Path::new(""));
    let output = Output::new(directory, &files).beside_others();
    let listed = files::write_or_check(&output, arguments.check, &command(arguments, out))?;
    print(&format!("{listed}{}: up to date\n", out.display()))
}

fn signing_keys(acl: &Acl<'_>, sets: &[String], json: bool) -> Result<String, AclError> {
    let split = |set: &String| set.split(',').map(str::to_owned).collect();
    let sets: Vec<Vec<String>> = sets.iter().map(split).collect();
    if json {
        acl.signing_key_scopes(&sets)
    } else {
        acl.signing_keys(&sets)
    }
}

fn scope(arguments: &Arguments) -> AclScope {
    if arguments.accounts {
        AclScope::Account
    } else {
        AclScope::Authorization
    }
}

fn users(arguments: &Arguments) -> Result<Vec<AclUser>, Failure> {
    let mut users = match &arguments.file {
        Some(path) => {
            let text = std::fs::read_to_string(path).map_err(|error| {
                Failure::Broken(format!("cannot read {}: {error}\n", path.display()))
            })?;
            AclUser::parse_file(&text)?
        }
        None => Vec::new(),
    };
    for text in &arguments.users {
        let user = AclUser::parse(text)?;
        if users.iter().any(|other| other.name == user.name) {
            let name = user.name;
            let message =
                format!("the user `{name}` is named twice\n  help: rename one of the users\n");
            return Err(Failure::Wrong(message));
        }
        users.push(user);
    }
    Ok(users)
}

/// The command that writes the file that `--check` reports.
fn command(arguments: &Arguments, out: &Path) -> String {
    let mut command = format!("natsgen acl {}", arguments.directory);
    if arguments.formats == Formats::Annotate {
        command += " --formats annotate";
    }
    for user in &arguments.users {
        command.extend([" --user ", user]);
    }
    // Writing to a string never fails.
    if let Some(file) = &arguments.file {
        let _ = write!(command, " --users {}", file.display());
    }
    if arguments.accounts {
        command += " --accounts";
    }
    if let Some(prefix) = &arguments.prefix {
        command.extend([" --prefix ", prefix]);
    }
    if let Some(sets) = &arguments.signing_keys {
        command += " --signing-keys";
        for set in sets {
            command.extend([" ", set]);
        }
    }
    if arguments.json {
        command += " --json";
    }
    format!("{command} --out {}", out.display())
}

impl From<AclError> for Failure {
    fn from(error: AclError) -> Self {
        Self::Wrong(format!("{error}\n"))
    }
}
