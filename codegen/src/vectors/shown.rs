//! What schemas show: examples and defaults, judged by the oracle where types hold more than rules accept.

use super::oracle::{Oracle, OracleError, Verdict};
use crate::Schemas;
use crate::diagnostic::{Diagnostics, listed};
use crate::lower::{Claim, MANIFEST};
use crate::model::Source;

/// Judges examples and defaults. Those that are noted as wrong already are left alone.
pub(crate) fn judge(schemas: &Schemas, claims: &[Claim], out: &mut Diagnostics) {
    let noted = |claim: &&Claim| {
        let source = claim.source();
        let mut known = out.as_slice().iter();
        !known.any(|known| known.file == source.file && known.pointer.starts_with(&source.pointer))
    };
    let claims: Vec<&Claim> = claims.iter().filter(noted).collect();
    let oracle = match Oracle::new(schemas) {
        Ok(oracle) => oracle,
        Err(error) => {
            let source = Source {
                file: MANIFEST.to_owned(),
                pointer: String::new(),
            };
            return unjudged(source, &error, out);
        }
    };
    let verdicts = crate::share::map(&claims, |claim| {
        let Source { file, pointer } = &claim.schema;
        let verdicts = oracle.of(&format!("{file}#{pointer}"))?;
        Ok(verdicts.judge(&claim.json))
    });
    for (claim, verdict) in claims.into_iter().zip(verdicts) {
        match verdict {
            Ok(verdict) => note(claim, &verdict, out),
            Err(error) => unjudged(claim.source(), &error, out),
        }
    }
}

/// Notes what the oracle says is wrong.
fn note(claim: &Claim, verdict: &Verdict, out: &mut Diagnostics) {
    let Some(place) = verdict.places.first() else {
        return;
    };
    let keywords = verdict.broken.iter().filter(|(at, _)| at == place);
    let keywords: Vec<&str> = keywords.map(|(_, keyword)| &**keyword).collect();
    let mut source = claim.source();
    source.pointer += place;
    let message = format!(
        "the {} is not valid: it breaks {}",
        claim.what,
        listed(&keywords)
    );
    out.error(
        source,
        message,
        format!("correct the {} or the schema", claim.what),
    );
}

/// Notes that the oracle does not understand the schemas; where they are wrong, that is no wonder.
fn unjudged(source: Source, error: &OracleError, out: &mut Diagnostics) {
    if out.has_errors() {
        return;
    }
    let message = format!("examples and defaults are only judged by types: {error}");
    out.warning(source, message, "judge them with another validator");
}
