package proc

import (
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"testing"
)

// The ports are not those that the kernel gives to clients, on Linux from 32768 on. A
// port is reserved by a listener on another one, ports above it: the tests of other
// packages, which run in their own processes, see it, and the kernel closes it when
// this process ends.
const (
	firstPort = 15000
	ports     = 8000
)

var (
	mu    sync.Mutex
	taken []net.Listener // as long as the process lives
)

// Addr returns a loopback address for a program that must be told its port. No other
// test gets the same address, in any process, so that it stays free until the program
// listens.
func Addr(tb testing.TB) string {
	tb.Helper()
	for range 100 {
		port := firstPort + rand.IntN(ports)
		if !free(port) {
			continue
		}
		lock, err := net.Listen("tcp", address(port+ports))
		if err != nil {
			continue
		}
		mu.Lock()
		taken = append(taken, lock)
		mu.Unlock()
		return address(port)
	}
	tb.Fatal("no port is free")
	return ""
}

func address(port int) string { return fmt.Sprintf("127.0.0.1:%d", port) }

// free reports whether a program could listen on a port now.
func free(port int) bool {
	listener, err := net.Listen("tcp", address(port))
	if err != nil {
		return false
	}
	listener.Close() //nolint:errcheck // nothing to lose
	return true
}

// accept reports whether all of the addresses accept connections.
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
