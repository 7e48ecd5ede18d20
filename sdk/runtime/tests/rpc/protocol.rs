//! A protocol with one role, written as `cargo natsgen emit rust` would.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::{
    Call, CallError, CallOptions, Caller, Check, CheckResult, Checked, Connection, Context,
    ErrorKind, Event, EventInfo, Fault, Listen, Map, Open, OrderingKey, Param, Params, Prefix,
    PublishFailure, Request, RequestInfo, Router, Run, ServeOptions, Server, StartError, Subject,
    Template, TextRule, TimeUnit, Tokens, Value, Violation, integer, secret_text, text,
};
use serde::{Deserialize, Serialize};

pub(crate) const PREFIX: Prefix = Prefix::from_static("test.workshop");
const WORK: Template = Template::new("shop.{shop_id}.work");
const FETCH: Template = Template::new("shop.{shop_id}.fetch.{shelf}");
const NOISE: Template = Template::new("noise.{shop_id}.{hour}");

const BROKEN_TOOL: ErrorKind = ErrorKind {
    code: "broken_tool",
    status: 422,
    text: "broken tool: ",
    has_detail: true,
};
const CLOSED_TODAY: ErrorKind = ErrorKind {
    code: "closed_today",
    status: 409,
    text: "closed today",
    has_detail: false,
};
const NO_SUCH_SHELF: ErrorKind = ErrorKind {
    code: "no_such_shelf",
    status: 404,
    text: "no such shelf: ",
    has_detail: true,
};
const CATALOGUE: &[ErrorKind] = &[BROKEN_TOOL, CLOSED_TODAY, NO_SUCH_SHELF];

#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct ShopId(String);

impl ShopId {
    const RULE: TextRule = TextRule::new()
        .length(1, 16)
        .pattern("^[a-z0-9-]+$", &[Run::new("a-z0-9-", 1, None)]);
}

text!(ShopId);

impl Param for ShopId {}

#[derive(Clone, Serialize, Deserialize, PartialEq, Eq)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct DoorKey(String);

impl DoorKey {
    const RULE: TextRule = TextRule::new().length(4, 8);
}

secret_text!(DoorKey);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "u32", into = "u32")]
pub(crate) struct Shelf(u32);

integer!(Shelf, u32, 0, 99);

impl Param for Shelf {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Tool {
    Reply,
    Refuse,
    Close,
    Panic,
    Block,
    Sleep,
    Never,
    Enlarge,
    Break,
}

impl Checked for Tool {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.finish()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorkRequest {
    pub(crate) name: String,
    pub(crate) tool: Tool,
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        deserialize_with = "natsgen_runtime::wire::present"
    )]
    pub(crate) bench: Option<String>,
    #[serde(default)]
    pub(crate) parts: Vec<Part>,
    #[serde(rename = "effort_ms", with = "natsgen_runtime::wire::millis", default)]
    pub(crate) effort: Duration,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Part {
    pub(crate) shelf: Shelf,
    pub(crate) note: Value,
}

impl Checked for Part {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.field("shelf", &self.shelf).finish()
    }
}

impl Checked for WorkRequest {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check
            .length("name", &self.name, 1, 200_000)
            .items("parts", &self.parts, 0, 3)
            .field("parts", &self.parts)
            .duration("effort_ms", self.effort, TimeUnit::Millis, 0, 60_000)
            .finish()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct WorkReply {
    pub(crate) product: String,
    pub(crate) mood: Mood,
}

impl Checked for WorkReply {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check
            .length("product", &self.product, 1, 10_000_000)
            .field("mood", &self.mood)
            .finish()
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Mood {
    #[serde(rename = "good")]
    Good,
    #[serde(untagged)]
    Unknown(String),
}

impl Open for Mood {
    const KNOWN: &[&str] = &["good"];

    fn unknown(&self) -> Option<&str> {
        match self {
            Self::Good => None,
            Self::Unknown(text) => Some(text),
        }
    }
}

impl Checked for Mood {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.open(self).finish()
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WorkFault {
    BrokenTool(String),
    ClosedToday,
}

impl Fault for WorkFault {
    fn kind(&self) -> &'static ErrorKind {
        match self {
            Self::BrokenTool(_) => &BROKEN_TOOL,
            Self::ClosedToday => &CLOSED_TODAY,
        }
    }

    fn detail(&self) -> &str {
        match self {
            Self::BrokenTool(detail) => detail,
            Self::ClosedToday => "",
        }
    }

    fn from_code(code: &str, detail: String) -> Option<Self> {
        match code {
            "broken_tool" => Some(Self::BrokenTool(detail)),
            "closed_today" => Some(Self::ClosedToday),
            _ => None,
        }
    }

    fn catalogue() -> &'static [ErrorKind] {
        CATALOGUE
    }
}

impl fmt::Display for WorkFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f)
    }
}

impl std::error::Error for WorkFault {}

impl Request for WorkRequest {
    type Params = ();
    type Reply = WorkReply;
    type Fault = WorkFault;

    const INFO: RequestInfo = RequestInfo {
        name: "work",
        template: WORK,
        timeout: Duration::from_secs(20),
        idempotent: false,
    };

    fn ordering_key(&self) -> Option<OrderingKey> {
        self.bench.as_ref().map(OrderingKey::new)
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FetchParams {
    pub(crate) shelf: Shelf,
}

impl Params for FetchParams {
    fn read(tokens: &Tokens<'_>) -> Result<Self, Violation> {
        Ok(Self {
            shelf: tokens.param("shelf")?,
        })
    }
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct FetchRequest {
    #[serde(flatten)]
    pub(crate) fields: Map,
}

impl Checked for FetchRequest {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.finish()
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FetchReply {
    pub(crate) count: u64,
}

impl Checked for FetchReply {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.range("count", self.count, 0, 1 << 60).finish()
    }
}

impl Request for FetchRequest {
    type Params = FetchParams;
    type Reply = FetchReply;
    type Fault = std::convert::Infallible;

    const INFO: RequestInfo = RequestInfo {
        name: "fetch",
        template: FETCH,
        timeout: Duration::from_secs(20),
        idempotent: true,
    };
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Noise {
    pub(crate) decibel: f64,
}

impl Checked for Noise {
    fn check(&self, check: Check<'_>) -> CheckResult {
        check.number("decibel", self.decibel, 0.0, 200.0).finish()
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct NoiseParams {
    pub(crate) shop_id: ShopId,
    pub(crate) hour: Shelf,
}

impl Params for NoiseParams {
    fn read(tokens: &Tokens<'_>) -> Result<Self, Violation> {
        Ok(Self {
            shop_id: tokens.param("shop_id")?,
            hour: tokens.param("hour")?,
        })
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct NoiseFilter {
    pub(crate) shop_id: Option<ShopId>,
    pub(crate) hour: Option<Shelf>,
}

impl Event for Noise {
    type Params = NoiseParams;
    type Filter = NoiseFilter;

    const INFO: EventInfo = EventInfo {
        name: "noise",
        template: NOISE,
        prefix: PREFIX,
        queue: None,
    };

    fn filter(filter: &NoiseFilter) -> Vec<Option<&dyn Param>> {
        vec![
            filter.shop_id.as_ref().map(Param::as_param),
            filter.hour.as_ref().map(Param::as_param),
        ]
    }
}

fn work(prefix: &Prefix, shop_id: &ShopId) -> Subject {
    WORK.subject(prefix, &[shop_id])
}

#[derive(Clone, Debug)]
pub(crate) struct ShopClient {
    caller: Caller,
}

impl ShopClient {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self {
            caller: Caller::new(connection, &PREFIX),
        }
    }

    pub(crate) fn with_options(self, options: CallOptions) -> Self {
        Self {
            caller: self.caller.with_options(options),
        }
    }

    pub(crate) async fn work(
        &self,
        shop_id: &ShopId,
        request: &WorkRequest,
    ) -> Result<WorkReply, CallError<WorkFault>> {
        self.caller
            .call(work(self.caller.prefix(), shop_id), request)
            .await
    }

    pub(crate) async fn fetch(
        &self,
        shop_id: &ShopId,
        board: Shelf,
        request: &FetchRequest,
    ) -> Result<FetchReply, CallError<std::convert::Infallible>> {
        self.caller
            .call(
                FETCH.subject(self.caller.prefix(), &[shop_id, &board]),
                request,
            )
            .await
    }

    pub(crate) async fn noise(
        &self,
        shop_id: &ShopId,
        hour: Shelf,
        event: &Noise,
    ) -> Result<(), PublishFailure> {
        self.caller
            .publish(
                NOISE.subject(self.caller.prefix(), &[shop_id, &hour]),
                event,
            )
            .await
    }
}

pub(crate) trait ShopService: Send + Sync + 'static {
    fn work(
        &self,
        context: &Context,
        request: WorkRequest,
    ) -> impl Future<Output = Result<WorkReply, WorkFault>> + Send;

    fn fetch(
        &self,
        context: &Context,
        params: FetchParams,
        request: FetchRequest,
    ) -> impl Future<Output = Result<FetchReply, std::convert::Infallible>> + Send;
}

#[derive(Debug)]
pub(crate) struct ShopServer<S> {
    router: Router<S>,
}

impl<S: ShopService> ShopServer<S> {
    pub(crate) fn new(service: S) -> Self {
        Self {
            router: Router::new(service)
                .operation(|service: Arc<S>, call: Call<WorkRequest>| async move {
                    service.work(&call.context, call.request).await
                })
                .operation(|service: Arc<S>, call: Call<FetchRequest>| async move {
                    service
                        .fetch(&call.context, call.params, call.request)
                        .await
                }),
        }
    }

    pub(crate) fn with_options(self, options: ServeOptions) -> Self {
        Self {
            router: self.router.with_options(options),
        }
    }

    pub(crate) async fn start(
        self,
        connection: &Connection,
        shop_id: &ShopId,
    ) -> Result<Server, StartError> {
        self.router
            .start(
                connection,
                &PREFIX,
                &[Listen {
                    pattern: "shop.{shop_id}.>",
                    queue: None,
                }],
                &[("shop_id", shop_id)],
            )
            .await
    }
}
