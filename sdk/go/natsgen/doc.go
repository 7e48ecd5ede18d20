// Package natsgen is the runtime of the clients and services that natsgen generates: connections, calls, events and
// servers over NATS. It knows no subject and no message of a protocol.
//
// A [Conn] comes from [Connect], or from [InProcess] for tests without a server. Generated packages contain a Client and
// a Service for each role, and a Subscribe function for each event.
//
// A failed call is a [CallError]. Its phase says how far the call came. A server that refuses a request returns a
// [Fault]; compare it with errors.Is and the [FaultKind] of the catalogue.
package natsgen
