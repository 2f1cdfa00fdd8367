// Package proxies calls services through real reverse proxies that route by
// host, over one connection. The configurations are small ones written by
// hand, and those that protoc-gen-gohost-proxy generates.
package proxies

import (
	"fmt"
	"os"
	"testing"
)

// backendEnv tells this program, by an address, to be a backend in a process of
// its own: one that can be killed.
const backendEnv = "GOHOST_E2E_BACKEND"

func TestMain(m *testing.M) {
	if addr := os.Getenv(backendEnv); addr != "" {
		fmt.Fprintln(os.Stderr, serve("killable", addr))
		os.Exit(1)
	}
	os.Exit(m.Run())
}
