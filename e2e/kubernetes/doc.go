// Package kubernetes makes real calls through the output of protoc-gen-gohost-proxy for
// Kubernetes and for Docker. Traefik reads it from an API, like its controllers in a
// cluster. Each call must reach the right backend.
package kubernetes
