// Package envoy runs what protoc-gen-gohost-proxy writes for Envoy, and what Envoy
// Gateway makes of its GRPCRoutes. There is no Envoy to be had here as a program:
// the data plane is the xDS client of grpc-go, which reads the same routes,
// clusters and endpoints.
//
// It has limits that Envoy has not. It chooses the virtual host by the authority of
// the connection and not of the call, takes no port in a host, tells upper case
// from lower, and does not answer by itself. What it does not read at all
// (timeouts of routes, health checks, settings of listeners) is asserted in the
// messages that it was given.
package envoy
