//! The checks of a project.

use std::fs;

use crate::Error;
use crate::cluster::{client, coordinator, stop, worker};
use crate::process::Process;
use crate::project::{Project, root, run};

/// Runs all checks. Returns their number.
pub(crate) fn all(project: &Project) -> Result<usize, Error> {
    let mut checks = 0;
    for test in project.language.tests {
        run(project.command(test))?;
        checks += 1;
    }
    if project.language.programs.is_empty() {
        return Ok(checks);
    }
    let coordinator = coordinator(&project.url, &project.folder)?;
    checks += against_worker(project)?;
    checks += as_worker(project)?;
    stop(coordinator)?;
    checks += as_coordinator(project)?;
    Ok(checks)
}

/// Runs the clients and subscribers against a worker of the command `varpulis`.
fn against_worker(project: &Project) -> Result<usize, Error> {
    let mut checks = 3;
    let worker = worker(&project.url, "w0")?;
    deploys(project)?;
    if project.language.programs.contains(&"subscriber") {
        Process::start(project.program("subscriber"))?.expect("w0")?;
        checks += 1;
    }
    for example in ["deploy_and_inject", "route_events"] {
        let process = Process::start(project.program(&format!("examples/{example}")))?;
        is_as_expected(example, &process.finish()?)?;
    }
    stop(worker)?;
    Ok(checks)
}

/// Registers the workers with a coordinator of the command `varpulis`, and commands them.
fn as_worker(project: &Project) -> Result<usize, Error> {
    let mut checks = 2;
    let mut worker = Process::start(project.program("examples/worker"))?;
    worker.expect("is ready")?;
    let output = Process::start(client(&project.url))?.finish()?;
    is_as_expected("deploy_and_inject", &output)?;
    worker.interrupt()?;
    is_as_expected("worker", &worker.finish()?)?;
    if project.language.programs.contains(&"worker") {
        let mut worker = Process::start(project.program("worker"))?;
        worker.expect("ready")?;
        deploys(project)?;
        checks += 1;
    }
    Ok(checks)
}

/// Registers a worker of the command `varpulis` with the server of the README.
fn as_coordinator(project: &Project) -> Result<usize, Error> {
    let _server = Process::start(project.program("server"))?;
    stop(worker(&project.url, "w1")?)?;
    Ok(1)
}

/// Deploys a pipeline with the client of the README.
fn deploys(project: &Project) -> Result<(), Error> {
    let mut client = Process::start(project.program("client"))?;
    client.expect(" is running")?;
    client.finish()?;
    Ok(())
}

/// Compares the output of an example with the output that is the same in all languages.
fn is_as_expected(example: &str, output: &str) -> Result<(), Error> {
    let path = root().join(format!("tests/install/expected/{example}.txt"));
    let expected = fs::read_to_string(path)?;
    if output == expected {
        return Ok(());
    }
    Err(format!("{example} printed\n{output}instead of\n{expected}").into())
}
