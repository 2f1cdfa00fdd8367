// Package envoy makes calls through the configuration that protoc-gen-gohost-proxy
// writes for Envoy, and through Envoy Gateway's translation of its GRPCRoutes. Package
// dataplane replaces Envoy.
package envoy
