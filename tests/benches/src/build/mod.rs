//! `build`: the lines of generated code per message and the compile time, beside the types of typify and prost for the
//! same messages. The code of natsgen includes clients and services, the code of the others does not.

mod folder;
mod project;
mod source;

use crate::report::{Report, Unit};
use crate::rounds::{Series, turns};
use crate::{Effort, Failure};
use project::{Profile, Project};
use source::Source;

/// The generator whose ratios are printed.
const OURS: &str = "natsgen";

/// Counts the lines, and compiles every project in both profiles.
///
/// # Errors
/// If a generator refuses the messages, or if the generated code does not compile.
pub(crate) fn run(effort: Effort, report: &mut Report) -> Result<(), Failure> {
    let operations = if effort.quick { 10 } else { 100 };
    let sources = source::all(operations)?;
    let mut projects = Vec::new();
    for source in &sources {
        let lines = f64::from(u32::try_from(source.lines())?);
        report.line(
            &format!("lines_per_message.{}", source.name),
            lines / f64::from(u32::try_from(source.messages)?),
            Unit::Lines,
        )?;
        projects.push(Project::new(source)?);
    }
    for profile in [Profile::Dev, Profile::Release] {
        compile(profile, &sources, &projects, effort, report)?;
    }
    Ok(())
}

fn compile(
    profile: Profile,
    sources: &[Source],
    projects: &[Project],
    effort: Effort,
    report: &mut Report,
) -> Result<(), Failure> {
    for project in projects {
        // Compiles the dependencies first, which do not count.
        project.compile(profile)?;
    }
    let mut times = vec![Series::default(); projects.len()];
    for turn in turns(if effort.quick { 1 } else { 5 }, projects.len()) {
        times[turn].push(projects[turn].compile(profile)?);
    }
    let ours = sources.iter().position(|source| source.name == OURS);
    let ours = &times[ours.ok_or("natsgen is missing")?].clone();
    for (source, times) in sources.iter().zip(&times) {
        let case = format!("{profile}.{}", source.name);
        report.line(&case, times.median(), Unit::Seconds)?;
        if source.name != OURS {
            let case = format!("{profile}.ratio_{}", source.name);
            report.line(&case, ours.ratio(times), Unit::Ratio)?;
        }
    }
    Ok(())
}
