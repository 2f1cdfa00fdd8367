// Package kubernetes routes real calls by what protoc-gen-gohost-proxy writes for
// Kubernetes and for Docker: Traefik reads it from an API, as its controllers do in
// a cluster. Each call has to arrive at the right backend.
package kubernetes
