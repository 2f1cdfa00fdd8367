// Package gateway puts gateways of package gateway before a server that dies, with
// nginx before it or behind, and a crowd in front of them.
package gateway
