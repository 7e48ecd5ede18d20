//! A process of a cluster.

use std::io::{BufRead, BufReader, Read};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use serde_json::Value;

/// The limit for everything that should succeed.
const LIMIT: Duration = Duration::from_mins(1);

/// The interval between checks if a process has ended.
const PAUSE: Duration = Duration::from_millis(5);

/// A temporary directory, removed on drop.
pub(super) struct Directory(PathBuf);

impl Directory {
    pub(super) fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("varpulis-processes-{}-{number}", std::process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir(&path).unwrap();
        Self(path)
    }

    pub(super) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }

    pub(super) fn file(&self, name: &str, content: impl AsRef<[u8]>) -> String {
        let path = self.path(name);
        fs::write(&path, content).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        fs::remove_dir_all(&self.0).unwrap();
    }
}

pub(super) fn command(arguments: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_varpulis"));
    command.args(arguments).envs(environment.iter().copied());
    command
}

/// A process that prints its health. It is killed on drop.
pub(super) struct Process {
    pub(super) child: Child,
    lines: Receiver<Value>,
}

impl Process {
    pub(super) fn start(arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::spawn(command(arguments, environment))
    }

    /// Starts a process whose lines are text.
    pub(super) fn start_with_text(arguments: &[&str]) -> Self {
        Self::read_lines(command(arguments, &[]), Value::String)
    }

    /// Starts a process after shell commands, such as `ulimit`.
    pub(super) fn start_after(commands: &str, arguments: &[&str]) -> Self {
        let script = format!("{commands}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_varpulis")]);
        command.args(arguments);
        Self::spawn(command)
    }

    fn spawn(mut command: Command) -> Self {
        command.arg("--json");
        Self::read_lines(command, |line| serde_json::from_str(&line).expect(&line))
    }

    fn read_lines(mut command: Command, read: impl Fn(String) -> Value + Send + 'static) -> Self {
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in stdout.lines() {
                if sender.send(read(line.unwrap())).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// Waits for a line that matches. `state` describes it in the panic message.
    pub(super) fn wait_for(&self, state: &str, matches: impl Fn(&Value) -> bool) -> Value {
        let mut last = Value::Null;
        let deadline = Instant::now() + LIMIT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(line) = self.lines.recv_timeout(left) else {
                panic!("never {state}, last: {last}");
            };
            if matches(&line) {
                return line;
            }
            last = line;
        }
    }

    /// Closes the reader of the process's output.
    pub(super) fn close_output(&mut self) {
        self.lines = mpsc::channel().1;
    }

    pub(super) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends a signal, such as `TERM`.
    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        let sent = Command::new("kill").args(["-s", name, &pid]).status();
        assert!(sent.unwrap().success());
    }

    /// Waits until it has ended. Returns its exit status and its standard error.
    pub(super) fn ended(&mut self) -> (ExitStatus, String) {
        let deadline = Instant::now() + LIMIT;
        let status = loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                break status;
            }
            assert!(Instant::now() < deadline, "it does not end");
            thread::sleep(PAUSE);
        };
        let mut text = String::new();
        let stderr = self.child.stderr.as_mut().unwrap();
        stderr.read_to_string(&mut text).unwrap();
        (status, text)
    }

    pub(super) fn exits_successfully(&mut self) {
        let (status, stderr) = self.ended();
        assert!(status.success(), "{status}: {stderr}");
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
