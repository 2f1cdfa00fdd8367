// Package envoy calls through what protoc-gen-gohost-proxy writes for Envoy, and
// through what Envoy Gateway makes of its GRPCRoutes: see package dataplane, which
// stands in for Envoy.
package envoy
