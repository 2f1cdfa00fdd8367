// Package istio calls through what a real istiod makes of the VirtualServices and
// DestinationRules that protoc-gen-gohost-proxy writes. They are created at a real
// API server, with Istio's own CRDs and their rules. The gateway is not an Envoy,
// see package dataplane: it is told what an Envoy would be told. In the mesh the
// client is grpc-go, which istiod serves itself.
package istio
