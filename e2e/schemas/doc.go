// Package schemas checks the output of protoc-gen-gohost-proxy for proxies that cannot
// be run here with the schemas of their APIs: the protobuf messages of Envoy, and the
// CustomResourceDefinitions of the Gateway API.
package schemas
