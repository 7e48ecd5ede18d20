//! Requests and events that go to any subject, for tests of subjects that no typed call can build.

use natsgen_runtime::generated::{EventInfo, OrderingKey, RequestInfo};
use natsgen_runtime::{
    Decode, Encode, Event, Param, Prefix, Reader, Request, Subject, Violation, Writer,
};

/// A message with its subject as a parameter of the call.
pub(crate) struct AnySubject<T>(pub(crate) T);

impl<T: Encode> Encode for AnySubject<T> {
    fn encode(&self, writer: &mut Writer) -> Result<(), Violation> {
        self.0.encode(writer)
    }
}

impl<'de, T: Decode<'de>> Decode<'de> for AnySubject<T> {
    fn decode(reader: &mut Reader<'de>) -> Result<Self, Violation> {
        T::decode(reader).map(Self)
    }
}

impl<R: Request> Request for AnySubject<R> {
    type Params = R::Params;
    type SubjectParams<'a> = Subject;
    type Reply = R::Reply;
    type Fault = R::Fault;

    const INFO: RequestInfo = R::INFO;

    fn subject(_: &Prefix, subject: Subject) -> Subject {
        subject
    }

    fn ordering_key(&self) -> Option<OrderingKey> {
        self.0.ordering_key()
    }
}

impl<E: Event> Event for AnySubject<E> {
    type Params = E::Params;
    type SubjectParams<'a> = Subject;
    type Filter = E::Filter;

    const INFO: EventInfo = E::INFO;

    fn subject(_: &Prefix, subject: Subject) -> Subject {
        subject
    }

    fn filter(filter: &E::Filter) -> Vec<Option<&dyn Param>> {
        E::filter(filter)
    }
}
