// Package proxies makes calls through real reverse proxies that route by host, over one
// connection. The configurations are small, hand-written ones, and those that
// protoc-gen-gohost-proxy generates.
package proxies

import (
	"fmt"
	"os"
	"testing"
)

// backendEnv is an address. It makes this program a backend in its own process, which
// can be killed.
const backendEnv = "GOHOST_E2E_BACKEND"

func TestMain(m *testing.M) {
	if addr := os.Getenv(backendEnv); addr != "" {
		fmt.Fprintln(os.Stderr, serve("killable", addr))
		os.Exit(1)
	}
	os.Exit(m.Run())
}
