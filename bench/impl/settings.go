package impl

import (
	"cmp"
	"math"
	"runtime/debug"

	"google.golang.org/grpc"
)

// Setting is a setting of grpc or Go, which works for any stubs.
type Setting struct {
	Name string

	server []grpc.ServerOption
	dial   []grpc.DialOption
	// GOGC and GOMEMLIMIT, or 0 for the default.
	percent int
	limit   int64
}

// Default is a Setting that sets nothing.
var Default = Setting{Name: "default"}

// Settings are those that supposedly help small messages.
var Settings = []Setting{
	{Name: "write-buffer-256KiB",
		server: []grpc.ServerOption{grpc.WriteBufferSize(256 << 10)},
		dial:   []grpc.DialOption{grpc.WithWriteBufferSize(256 << 10)}},
	{Name: "no-write-buffer",
		server: []grpc.ServerOption{grpc.WriteBufferSize(0)},
		dial:   []grpc.DialOption{grpc.WithWriteBufferSize(0)}},
	{Name: "own-write-buffer",
		server: []grpc.ServerOption{grpc.SharedWriteBuffer(false)},    //nolint:staticcheck // the former default
		dial:   []grpc.DialOption{grpc.WithSharedWriteBuffer(false)}}, //nolint:staticcheck // as above
	{Name: "no-retry",
		dial: []grpc.DialOption{grpc.WithDisableRetry()}},
	{Name: "static-windows-1MiB",
		server: []grpc.ServerOption{grpc.StaticStreamWindowSize(1 << 20), grpc.StaticConnWindowSize(1 << 20)},
		dial:   []grpc.DialOption{grpc.WithStaticStreamWindowSize(1 << 20), grpc.WithStaticConnWindowSize(1 << 20)}},
	{Name: "GOGC-400", percent: 400},
	{Name: "GOMEMLIMIT-256MiB", percent: -1, limit: 256 << 20},
}

// Impls returns the loops by hand and the stubs, with s.
func (s Setting) Impls() []Impl {
	return []Impl{
		{"grpc", s.startGRPC},
		{"gohost", func() (Client, func(), error) { return s.startGohost(false) }},
	}
}

// serve is like serve with s, which is undone at the end.
func (s Setting) serve(server *grpc.Server) (connection, func(), error) {
	cc, stop, err := serve(server, s.dial...)
	if err != nil || s.percent == 0 {
		return cc, stop, err
	}
	percent := debug.SetGCPercent(s.percent)
	limit := debug.SetMemoryLimit(cmp.Or(s.limit, math.MaxInt64))
	return cc, func() {
		stop()
		debug.SetGCPercent(percent)
		debug.SetMemoryLimit(limit)
	}, nil
}
