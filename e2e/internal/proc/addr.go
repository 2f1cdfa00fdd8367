package proc

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// taken are the addresses that this process has given away.
var taken sync.Map

// Addr returns a loopback address for a program that must be told its port.
// The port is free, and not one of those that the kernel gives to clients, so
// that it stays free until the program listens.
func Addr(tb testing.TB) string {
	tb.Helper()
	for range 100 {
		addr := fmt.Sprintf("127.0.0.1:%d", 15000+rand.IntN(15000))
		if _, given := taken.LoadOrStore(addr, true); given {
			continue
		}
		if listener, err := net.Listen("tcp", addr); err == nil {
			listener.Close() //nolint:errcheck // nothing to lose
			return addr
		}
	}
	tb.Fatal("no port is free")
	return ""
}

// accept returns whether all of the addresses accept connections.
func accept(addrs []string) bool {
	for _, addr := range addrs {
		conn, err := net.Dial("tcp", addr)
		if err != nil {
			return false
		}
		conn.Close() //nolint:errcheck // nothing to lose
	}
	return true
}
