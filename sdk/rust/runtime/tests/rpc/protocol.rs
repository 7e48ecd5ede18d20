//! A protocol with one role, in the form that `cargo natsgen emit rust` generates.

use std::sync::Arc;
use std::time::Duration;

use natsgen_runtime::generated::{
    Call, Caller, ErrorKind, EventInfo, Listen, OrderingKey, Params, RequestInfo, Role, Router,
    Run, Template, TextConstraint, Tokens,
};
use natsgen_runtime::{
    CallError, CallOptions, Connection, Context, Event, Limited, Map, Millis, Param, Prefix,
    PublishFailure, Ranged, Request, ServeOptions, Server, StartError, Subject, Value, Violation,
    enumeration, fault, integer, number, object, secret_text, text,
};

pub(crate) const PREFIX: Prefix = Prefix::from_static("test.workshop");
const ROLES: &[&str] = &["customer", "shop"];
pub(crate) const CUSTOMER: Role = Role::new("customer", ROLES);
pub(crate) const SHOP: Role = Role::new("shop", ROLES);
const WORK: Template = Template::new("shop.{shop_id}.work");
const FETCH: Template = Template::new("shop.{shop_id}.fetch.{shelf}");
const CLEAR: Template = Template::new("shop.{shop_id}.clear");
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

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct ShopId(String);

text!(
    ShopId,
    TextConstraint::new()
        .length(1, 16)
        .pattern("^[a-z0-9-]+$", &[Run::new("a-z0-9-", 1, None)])
);

impl Param for ShopId {}

#[derive(Clone, PartialEq, Eq)]
pub(crate) struct DoorKey(String);

secret_text!(DoorKey, TextConstraint::new().length(4, 8));

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Shelf(u32);

integer!(Shelf, u32, 0, 99);

impl Param for Shelf {}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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

enumeration! {
    Tool {
        "reply" => Reply,
        "refuse" => Refuse,
        "close" => Close,
        "panic" => Panic,
        "block" => Block,
        "sleep" => Sleep,
        "never" => Never,
        "enlarge" => Enlarge,
        "break" => Break,
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkRequest {
    pub(crate) name: Limited<String, 1, 200_000>,
    pub(crate) tool: Tool,
    pub(crate) bench: Option<String>,
    pub(crate) parts: Limited<Vec<Part>, 0, 3>,
    pub(crate) effort: Millis<0, 60_000>,
}

object! {
    WorkRequest {
        required name: Limited<String, 1, 200_000> = "name",
        required tool: Tool = "tool",
        optional bench: String = "bench",
        default parts: Limited<Vec<Part>, 0, 3> = "parts",
        default effort: Millis<0, 60_000> = "effort_ms",
    }
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Part {
    pub(crate) shelf: Shelf,
    pub(crate) note: Value,
}

object! {
    Part {
        required shelf: Shelf = "shelf",
        required note: Value = "note",
    } deny_unknown_fields
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct WorkReply {
    pub(crate) product: Limited<String, 1, 10_000_000>,
    pub(crate) mood: Mood,
}

object! {
    WorkReply {
        required product: Limited<String, 1, 10_000_000> = "product",
        required mood: Mood = "mood",
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Good,
    Unknown(String),
}

enumeration! { Mood { "good" => Good } non_exhaustive }

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WorkFault {
    BrokenTool(String),
    ClosedToday,
}

fault! {
    WorkFault of CATALOGUE {
        BROKEN_TOOL => BrokenTool(detail),
        CLOSED_TODAY => ClosedToday,
    }
}

impl Request for WorkRequest {
    type Params = ();
    type SubjectParams<'a> = &'a ShopId;
    type Reply = WorkReply;
    type Fault = WorkFault;

    const INFO: RequestInfo = RequestInfo {
        name: "work",
        template: WORK,
        from: CUSTOMER,
        timeout: Duration::from_secs(20),
        idempotent: false,
        control: false,
    };

    fn subject(prefix: &Prefix, shop_id: &ShopId) -> Subject {
        WORK.subject(prefix, &[shop_id])
    }

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

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FetchRequest {
    pub(crate) fields: Map,
}

object! { FetchRequest {} flatten fields: Map }

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FetchReply {
    pub(crate) count: Ranged<u64, 0, { 1 << 60 }>,
}

object! { FetchReply { required count: Ranged<u64, 0, { 1 << 60 }> = "count" } }

impl Request for FetchRequest {
    type Params = FetchParams;
    type SubjectParams<'a> = (&'a ShopId, Shelf);
    type Reply = FetchReply;
    type Fault = std::convert::Infallible;

    const INFO: RequestInfo = RequestInfo {
        name: "fetch",
        template: FETCH,
        from: CUSTOMER,
        timeout: Duration::from_secs(20),
        idempotent: true,
        control: false,
    };

    fn subject(prefix: &Prefix, (shop_id, shelf): (&ShopId, Shelf)) -> Subject {
        FETCH.subject(prefix, &[shop_id, &shelf])
    }
}

/// A control request: clears a bench.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClearRequest {
    pub(crate) bench: String,
}

object! { ClearRequest { required bench: String = "bench" } }

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ClearReply {
    pub(crate) bench: String,
}

object! { ClearReply { required bench: String = "bench" } }

impl Request for ClearRequest {
    type Params = ();
    type SubjectParams<'a> = &'a ShopId;
    type Reply = ClearReply;
    type Fault = std::convert::Infallible;

    const INFO: RequestInfo = RequestInfo {
        name: "clear",
        template: CLEAR,
        from: CUSTOMER,
        timeout: Duration::from_secs(20),
        idempotent: false,
        control: true,
    };

    fn subject(prefix: &Prefix, shop_id: &ShopId) -> Subject {
        CLEAR.subject(prefix, &[shop_id])
    }

    fn ordering_key(&self) -> Option<OrderingKey> {
        Some(OrderingKey::new(&self.bench))
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decibel(f64);

number!(Decibel, 0.0, 200.0);

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Noise {
    pub(crate) decibel: Decibel,
    pub(crate) echo: Option<f64>,
}

object! {
    Noise {
        required decibel: Decibel = "decibel",
        optional echo: f64 = "echo",
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
    type SubjectParams<'a> = (&'a ShopId, Shelf);
    type Filter = NoiseFilter;

    const INFO: EventInfo = EventInfo {
        name: "noise",
        template: NOISE,
        prefix: PREFIX,
        queue: None,
    };

    fn subject(prefix: &Prefix, (shop_id, hour): (&ShopId, Shelf)) -> Subject {
        NOISE.subject(prefix, &[shop_id, &hour])
    }

    fn filter(filter: &NoiseFilter) -> Vec<Option<&dyn Param>> {
        vec![
            filter.shop_id.as_ref().map(Param::as_param),
            filter.hour.as_ref().map(Param::as_param),
        ]
    }
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

    pub(crate) fn options(self, options: CallOptions) -> Self {
        Self {
            caller: self.caller.options(options),
        }
    }

    pub(crate) async fn work(
        &self,
        shop_id: &ShopId,
        request: &WorkRequest,
    ) -> Result<WorkReply, CallError<WorkFault>> {
        self.caller.call(shop_id, request).await
    }

    pub(crate) async fn fetch(
        &self,
        shop_id: &ShopId,
        board: Shelf,
        request: &FetchRequest,
    ) -> Result<FetchReply, CallError<std::convert::Infallible>> {
        self.caller.call((shop_id, board), request).await
    }

    pub(crate) async fn clear(
        &self,
        shop_id: &ShopId,
        request: &ClearRequest,
    ) -> Result<ClearReply, CallError<std::convert::Infallible>> {
        self.caller.call(shop_id, request).await
    }

    pub(crate) async fn noise(
        &self,
        shop_id: &ShopId,
        hour: Shelf,
        event: &Noise,
    ) -> Result<(), PublishFailure> {
        self.caller.publish((shop_id, hour), event).await
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

    fn clear(
        &self,
        context: &Context,
        request: ClearRequest,
    ) -> impl Future<Output = Result<ClearReply, std::convert::Infallible>> + Send;
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
                })
                .operation(|service: Arc<S>, call: Call<ClearRequest>| async move {
                    service.clear(&call.context, call.request).await
                }),
        }
    }

    pub(crate) fn options(self, options: ServeOptions) -> Self {
        Self {
            router: self.router.options(options),
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
