//! A protocol whose types have the names of the standard library and of the runtime compiles and runs.

use std::convert::Infallible;

use keyvalue::names::desk::{
    AskFault, AskParams, AskReply, AskRequest, CloneReply, CloneRequest, DeskClient, DeskServer,
    DeskService, Direction, LambdaReply, LambdaRequest, MatchReply, MatchRequest, OpenReply,
    OpenRequest, Page, TurnParams, TurnReply, TurnRequest,
};
use keyvalue::names::types;
use keyvalue::names::visitor::{Told, ToldFilter, VisitorClient};
use natsgen_runtime::{Connection, Context, Failure, Refused, Side, codec};

struct Desk;

impl DeskService for Desk {
    async fn ask(
        &self,
        _: &Context,
        params: AskParams,
        request: AskRequest,
    ) -> Result<AskReply, AskFault> {
        if request.string.as_str() == "again" {
            return Err(AskFault::Busy(params.run.to_string()));
        }
        let answer = types::Ok::try_from(request.string.as_str()).expect("a text");
        let server = types::Server::try_from(params.subject.as_str()).expect("a name");
        let duration = types::Duration::try_from(0.5).expect("within a day");
        let mut reply = AskReply::new(
            types::Result::Ok(answer),
            types::Reply::new(server, duration),
        );
        reply.error = Some(types::Error::new("none".try_into().expect("a text")));
        Ok(reply)
    }

    async fn clone(&self, _: &Context, _: CloneRequest) -> Result<CloneReply, Infallible> {
        Ok(CloneReply::new(true))
    }

    async fn lambda(&self, _: &Context, _: LambdaRequest) -> Result<LambdaReply, Infallible> {
        Ok(LambdaReply::new(true))
    }

    async fn r#match(&self, _: &Context, request: MatchRequest) -> Result<MatchReply, Infallible> {
        let mut reply = MatchReply::new(true);
        reply.words = request.words;
        Ok(reply)
    }

    async fn open(&self, _: &Context, request: OpenRequest) -> Result<OpenReply, Infallible> {
        assert_eq!(request.default, Some(types::Default::default()));
        let client = types::Client::try_from("first").expect("a name");
        Ok(OpenReply::new(types::Service::new(client)))
    }

    async fn turn(
        &self,
        _: &Context,
        params: TurnParams,
        _: TurnRequest,
    ) -> Result<TurnReply, Infallible> {
        assert_eq!(params.direction, Direction::ToTheRight);
        Ok(TurnReply::new(params.page))
    }
}

#[tokio::test]
async fn token_of_other_characters_reaches_the_handler() {
    let connection = Connection::memory();
    let server = DeskServer::new(Desk)
        .start(&connection)
        .await
        .expect("it starts");
    let client = DeskClient::new(&connection);
    let page = Page::try_from("$1=a/b").expect("a token");
    let turned = client
        .turn(&Direction::ToTheRight, &page, &TurnRequest::new())
        .await;
    assert_eq!(turned.expect("a reply").page, page);
    assert!("to-the-left".parse::<Direction>().is_err());
    assert!(Page::try_from("a.b").is_err());
    let odd = Page::try_from("é").expect("it matches the pattern");
    let refused = client
        .turn(&Direction::Left, &odd, &TurnRequest::new())
        .await;
    let failure = refused.expect_err("no token").failure;
    assert!(matches!(failure, Failure::NotEncoded(_)), "{failure:?}");
    server.shutdown().await;
}

fn question(text: &str) -> AskRequest {
    let text = types::String::try_from(text).expect("a text");
    let mut request = AskRequest::new(text.clone(), types::Request::new(types::Format::Short));
    let mut choice = types::Option::new();
    choice.maybe = Some(natsgen_runtime::Nullable::Value(Box::new(
        types::Option::new(),
    )));
    request.option = Some(choice);
    request.vec = Some(types::Vec(vec![text].try_into().expect("few texts")));
    request
}

#[test]
fn message_is_encoded_and_decoded_unchanged() {
    let request = question("why");
    let bytes = codec::encode(&request).expect("a valid request");
    let decoded: AskRequest = codec::decode(&bytes, Side::Request).expect("the same request");
    assert_eq!(decoded, request);
}

#[test]
fn key_of_any_characters_has_a_field() {
    let text = r#"{"$ref":"a","":"b","größe in m":"c","exit-code":"d","fooBar":"e"}"#;
    let signs: types::Signs = codec::decode(text.as_bytes(), Side::Reply).expect("valid");
    let fields = [signs.r#ref, signs.empty, signs.exit_code_2, signs.camel];
    let fields = fields.map(|field| field.expect("present").to_string());
    assert_eq!(fields, ["a", "b", "d", "e"]);
    let text = r#"{"type":"a","self":"b","Self":"c","match":"d"}"#;
    let words: types::Words = codec::decode(text.as_bytes(), Side::Reply).expect("valid");
    assert_eq!(words.r#type.as_str(), "a");
    assert_eq!(words.self_.as_deref().map(String::as_str), Some("b"));
    let bytes = codec::encode(&words).expect("valid");
    assert_eq!(bytes, text.as_bytes());
}

#[test]
fn default_below_an_assertion_is_written_only_if_present() {
    let members = [r#""a":"x""#, r#""b":false"#, r#""choice":"one""#];
    let mut valid = 0;
    for subset in 0..8 {
        let chosen = (0..3).filter(|at| (subset >> at) & 1 == 1);
        let chosen: Vec<&str> = chosen.map(|at| members[at]).collect();
        let text = format!("{{{}}}", chosen.join(","));
        let Ok(careful) = codec::decode::<types::Careful>(text.as_bytes(), Side::Reply) else {
            continue;
        };
        let bytes = codec::encode(&careful).expect("a message that was read");
        assert_eq!(bytes, text.as_bytes());
        valid += 1;
    }
    assert_eq!(valid, 5);
    assert_eq!(types::Chosen::new().choice, types::Choice::Two);
}

#[test]
fn new_object_has_the_defaults_of_its_schema() {
    let settings = types::Default::default();
    assert_eq!(settings.format, types::Format::Long);
    assert_eq!(settings.texts.0[0], "a");
    let decoded: types::Default = codec::decode(b"{}", Side::Reply).expect("an empty object");
    assert_eq!(decoded, settings);
}

#[tokio::test]
async fn call_and_event_arrive_over_the_in_process_transport() {
    let connection = Connection::memory();
    let server = DeskServer::new(Desk).start(&connection).await;
    let _server = server.expect("a server");
    let client = DeskClient::new(&connection);
    let subject = types::Subject::try_from("weather").expect("a token");
    let run = types::Run::try_from(7).expect("in range");

    let reply = client.ask(&subject, run, &question("why")).await;
    let reply = reply.expect("an answer");
    assert_eq!(reply.reply.server, "weather");
    assert_eq!(reply.error.map(|error| error.count.get()), Some(1));

    let refused = client.ask(&subject, run, &question("again")).await;
    let failure = refused.expect_err("the desk is busy").failure;
    let busy = AskFault::Busy("7".to_owned());
    assert_eq!(failure, Failure::Refused(Refused::Fault(busy)));

    let mut open = OpenRequest::new();
    open.default = Some(types::Default::new());
    let opened = client.open(&open).await.expect("an open desk");
    assert_eq!(opened.service.client, "first");

    let mut request = MatchRequest::new();
    request.words = Some(types::Words::new(
        "a".to_owned().try_into().expect("a text"),
    ));
    let matched = client.r#match(&request).await.expect("a reply");
    assert_eq!(matched.words, request.words);
    let cloned = client.clone(&CloneRequest::new()).await.expect("a reply");
    assert!(cloned.done);

    let events = connection.subscribe::<Told>(&ToldFilter::default()).await;
    let mut events = events.expect("a subscription");
    let context = types::Context::new("none".try_into().expect("a text"));
    let told = Told::new(types::Event::Some, context);
    let visitor = VisitorClient::new(&connection);
    visitor.told(&subject, &told).await.expect("a publication");
    let received = events.next().await.expect("an event").expect("readable");
    assert_eq!((received.params.subject, received.event), (subject, told));
}
