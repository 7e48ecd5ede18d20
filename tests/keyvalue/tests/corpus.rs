//! Generated types accept and refuse documents as the schemas do, and name the same place as the reference validator.

#[path = "../../corpus/bytes.rs"]
mod bytes;
#[path = "../../corpus/codec.rs"]
mod codec;
#[path = "../../corpus/run.rs"]
mod run;

use codec::{Codec, codec};
use keyvalue::protocol::{app, store, types};

/// All messages and named types, by their names in the corpora.
const MESSAGES: [Codec; 29] = [
    codec::<app::Change>("app/changed#Change"),
    codec::<app::Changed>("app/changed#Message"),
    codec::<app::Written>("app/changed#Written"),
    codec::<store::GetReply>("store/get#Reply"),
    codec::<store::GetRequest>("store/get#Request"),
    codec::<store::Listed>("store/list#Listed"),
    codec::<store::ListReply>("store/list#Reply"),
    codec::<store::ListRequest>("store/list#Request"),
    codec::<store::PutMode>("store/put#PutMode"),
    codec::<store::PutReply>("store/put#Reply"),
    codec::<store::PutRequest>("store/put#Request"),
    codec::<store::RemoveReply>("store/remove#Reply"),
    codec::<store::RemoveRequest>("store/remove#Request"),
    codec::<types::BucketName>("types/entry#BucketName"),
    codec::<types::Content>("types/entry#Content"),
    codec::<types::Key>("types/entry#Key"),
    codec::<types::LabelName>("types/entry#LabelName"),
    codec::<types::Labels>("types/entry#Labels"),
    codec::<types::Revision>("types/entry#Revision"),
    codec::<types::WriterId>("types/entry#WriterId"),
    codec::<types::Query>("types/query"),
    codec::<types::All>("types/query#All"),
    codec::<types::ByKey>("types/query#ByKey"),
    codec::<types::ByLabel>("types/query#ByLabel"),
    codec::<types::Filter>("types/query#Filter"),
    codec::<types::Hints>("types/query#Hints"),
    codec::<types::Not>("types/query#Not"),
    codec::<types::Page>("types/query#Page"),
    codec::<types::Window>("types/window#Window"),
];

#[test]
fn corpus_results_equal_the_reference_validator() {
    let (valid, invalid) = run::run("../vectors/corpus/keyvalue", &MESSAGES);
    assert!(valid > 250 && invalid > 900, "{valid} and {invalid}");
}

#[test]
fn corpus_bytes_have_the_expected_results() {
    let (valid, invalid) = bytes::run("../vectors/bytes/keyvalue", &MESSAGES);
    assert!(valid > 80 && invalid > 200, "{valid} and {invalid}");
}
