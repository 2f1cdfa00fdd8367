// Package schemas checks what protoc-gen-gohost-proxy writes for proxies that are
// not to be had as a program here by what their APIs say: the protobuf messages of
// Envoy, and the CustomResourceDefinitions of the Gateway API.
package schemas
