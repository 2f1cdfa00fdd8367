// Package streamlimit finds out how many streams a server allows on a connection:
// SETTINGS_MAX_CONCURRENT_STREAMS of RFC 9113, section 6.5.2, which grpc-go does
// not tell its load-balancing policies. Transport credentials see the first bytes
// that the server sends, and these are its SETTINGS (section 3.4).
package streamlimit

import (
	"context"
	"sync/atomic"

	"google.golang.org/grpc/attributes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/resolver"
)

// A Limit holds the limit of a connection once it is known. Its methods may be
// called concurrently.
type Limit struct {
	known atomic.Bool
	value atomic.Uint32
}

// Get returns the server's limit, and false while it is unknown. It is known
// before grpc calls the connection ready, since grpc waits for the SETTINGS
// too.
func (l *Limit) Get() (uint32, bool) {
	if !l.known.Load() {
		return 0, false
	}
	return l.value.Load(), true
}

func (l *Limit) forget() { l.known.Store(false) }

func (l *Limit) set(value uint32) {
	l.value.Store(value)
	l.known.Store(true)
}

type key struct{}

// Attach returns addr with l attached: l learns the limit of the connection
// that is made to addr, if the credentials call [Watch].
func Attach(addr resolver.Address, l *Limit) resolver.Address {
	if addr.Attributes == nil {
		addr.Attributes = attributes.New(key{}, l)
	} else {
		addr.Attributes = addr.Attributes.WithValue(key{}, l)
	}
	return addr
}

// of returns the Limit that is attached to the address of a client's handshake.
func of(ctx context.Context) (*Limit, bool) {
	l, ok := credentials.ClientHandshakeInfoFromContext(ctx).Attributes.Value(key{}).(*Limit)
	return l, ok
}
