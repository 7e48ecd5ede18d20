package natsgen

import "github.com/varpulis/varpulis-sdk/sdk/go/natsgen/transport"

// TransportOf returns the transport of a connection.
func TransportOf(c *Conn) transport.Transport { return c.core.transport }
