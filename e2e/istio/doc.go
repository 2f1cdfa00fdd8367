// Package istio makes calls through a real istiod's translation of the VirtualServices
// and DestinationRules that protoc-gen-gohost-proxy writes. They are created in a real
// API server, with Istio's own CRDs and their rules. The gateway is not Envoy but
// package dataplane, with the configuration that Envoy would get. In the mesh the
// client is grpc-go, which istiod configures itself.
package istio
