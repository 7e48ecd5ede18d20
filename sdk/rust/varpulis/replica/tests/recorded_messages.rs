//! Recorded messages of real peers convert to openraft's types and back to the same JSON.

use std::fs;

use natsgen_runtime::{Decode, Encode, Side, codec};
use openraft::raft::{
    AppendEntriesRequest, AppendEntriesResponse, InstallSnapshotRequest, InstallSnapshotResponse,
    VoteRequest, VoteResponse,
};
use serde_json::Value;

use crate::raft::AppendReply;
use crate::replica::convert::Convert;
use crate::replica::type_config::TypeConfig;

fn check<T: Convert>(text: &str, side: Side)
where
    T::Wire: Encode + for<'a> Decode<'a>,
{
    let wire: T::Wire = codec::decode(text.as_bytes(), side).unwrap();
    let written = T::from_wire(wire).unwrap().to_wire().unwrap();
    let written = codec::encode(&written).unwrap();
    let written: Value = serde_json::from_slice(&written).unwrap();
    assert_eq!(written, serde_json::from_str::<Value>(text).unwrap());
}

#[test]
fn convert_recorded_messages_round_trip() {
    let mut checked = 0;
    for file in fs::read_dir("tests/vectors/varpulis-0.11/payloads").unwrap() {
        let path = file.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mut parts = name.split('.');
        if parts.next() != Some("raft") {
            continue;
        }
        match (parts.next(), parts.next()) {
            (Some("append"), Some("request")) => {
                check::<AppendEntriesRequest<TypeConfig>>(&text, Side::Request);
            }
            (Some("append"), Some("response")) => {
                check::<AppendEntriesResponse<u64>>(&text, Side::Reply);
            }
            (Some("snapshot"), Some("request")) => {
                check::<InstallSnapshotRequest<TypeConfig>>(&text, Side::Request);
            }
            (Some("snapshot"), Some("response")) => {
                check::<InstallSnapshotResponse<u64>>(&text, Side::Reply);
            }
            (Some("vote"), Some("request")) => check::<VoteRequest<u64>>(&text, Side::Request),
            (Some("vote"), Some("response")) => check::<VoteResponse<u64>>(&text, Side::Reply),
            other => panic!("{name}: {other:?}"),
        }
        checked += 1;
    }
    assert_eq!(checked, 12);
}

#[test]
fn convert_unknown_reply_is_an_error() {
    let reply: AppendReply = codec::decode(br#""Later""#, Side::Reply).unwrap();
    let error = AppendEntriesResponse::from_wire(reply).unwrap_err();
    assert_eq!(error.reason(), "expected an answer of openraft 0.9");
}
