package gohostconnect_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/encoding/protowire"
)

// big returns a message of about size bytes.
func big(size int) *msg {
	m := num(1)
	unknown := protowire.AppendTag(nil, 100, protowire.BytesType)
	m.ProtoReflect().SetUnknown(protowire.AppendBytes(unknown, bytes.Repeat([]byte("a"), size)))
	return m
}

// Both sides know the other's address and whether there is TLS.
func TestPeer(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		seen := make(chan *peer.Peer, 1)
		s := w.serve(t, registering(doing(func(ctx context.Context) error {
			p, _ := peer.FromContext(ctx)
			seen <- p
			return nil
		})))
		var server peer.Peer
		s.stub = s.stub.With(grpc.Peer(&server))
		if err := call(within(t), s); err != nil {
			t.Fatal(err)
		}
		client := <-seen
		if w.major == 0 {
			if client.Addr.Network() != "inprocess" || client.AuthInfo != nil {
				t.Errorf("the handler sees %v", client)
			}
			return
		}
		if server.Addr == nil || server.Addr.String() != s.web.Listener.Addr().String() {
			t.Errorf("the client sees the server %v, want %v", server.Addr, s.web.Listener.Addr())
		}
		if _, ok := client.Addr.(*net.TCPAddr); !ok || client.Addr.String() != server.LocalAddr.String() || client.LocalAddr.String() != server.Addr.String() {
			t.Errorf("the handler sees %v at %v, and the client is %v at %v", client.Addr, client.LocalAddr, server.LocalAddr, server.Addr)
		}
		for _, info := range []credentials.AuthInfo{client.AuthInfo, server.AuthInfo} {
			tls, ok := info.(credentials.TLSInfo)
			if ok != (w.major == 2) || ok && (credentials.CheckSecurityLevel(tls, credentials.PrivacyAndIntegrity) != nil || tls.State.Version == 0) {
				t.Errorf("a side sees %v", info)
			}
		}
	})
}

// Limits of messages are those of the call, in each direction.
func TestLimits(t *testing.T) {
	t.Parallel()
	answering := doing(func(context.Context) error { return nil })
	answering.square = func(_ context.Context, req *msg) (*msg, error) { return req, nil }
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			s := w.serve(t, registering(answering))
			m := big(1000)
			if strings.HasSuffix(w.name, "JSON") {
				return // JSON has no unknown fields
			}
			for _, test := range []struct {
				opt  grpc.CallOption
				want codes.Code
			}{
				{grpc.MaxCallSendMsgSize(500), codes.ResourceExhausted},
				{grpc.MaxCallSendMsgSize(0), codes.ResourceExhausted},
				{grpc.MaxCallSendMsgSize(5000), codes.OK},
				{grpc.MaxCallRecvMsgSize(500), codes.ResourceExhausted},
				{grpc.MaxCallRecvMsgSize(0), codes.ResourceExhausted},
				{grpc.MaxCallRecvMsgSize(5000), codes.OK},
			} {
				_, err := s.stub.With(test.opt).Square(within(t), m)
				wantCode(t, err, test.want)
			}
			_, err := s.stub.With(grpc.MaxCallSendMsgSize(500)).SumSquare(within(t), func(yield func(*msg, error) bool) { yield(m, nil) })
			wantCode(t, err, codes.ResourceExhausted)
		})
	}
}

// A call can be compressed, if its transport knows how.
func TestCompression(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		s := w.serve(t, registering(squarer))
		s.stub = s.stub.With(grpc.UseCompressor(gzip.Name))
		if err := call(within(t), s); err != nil {
			t.Error(err)
		}
		s.stub = s.stub.With(grpc.UseCompressor("none-such"))
		if err := call(within(t), s); (err == nil) != (w.major == 0) {
			t.Errorf("an unknown compressor: %v", err)
		}
	})
}

// OnFinish is called once with the end of a call, and unsupported options are
// an error.
func TestOptionsOfCalls(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		var fails atomic.Bool
		s := w.serve(t, registering(doing(func(context.Context) error {
			if fails.Load() {
				return status.Error(codes.Aborted, "so")
			}
			return nil
		})))
		plain := s.stub
		for _, want := range []codes.Code{codes.OK, codes.Aborted} {
			fails.Store(want != codes.OK)
			finished := make(chan error, 2)
			s.stub = plain.With(grpc.OnFinish(func(err error) { finished <- err }), grpc.StaticMethod(), grpc.MaxRetryRPCBufferSize(5), grpc.WaitForReady(false))
			wantCode(t, call(within(t), s), want)
			wantCode(t, <-finished, want)
			if len(finished) > 0 {
				t.Error("OnFinish is called twice")
			}
		}
		for want, opt := range map[string]grpc.CallOption{
			"WaitForReady":       grpc.WaitForReady(true),
			"CallContentSubtype": grpc.CallContentSubtype("json"),
			"ForceCodec":         grpc.ForceCodecV2(nil),
		} {
			s.stub = plain.With(opt)
			err := call(within(t), s)
			wantCode(t, err, codes.Unimplemented)
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("error %v does not name %s", err, want)
			}
		}
	})
}

// token implements credentials of calls.
type token struct {
	secure bool
	err    error
}

func (c token) GetRequestMetadata(ctx context.Context, uri ...string) (map[string]string, error) {
	info, _ := credentials.RequestInfoFromContext(ctx)
	secure := info.AuthInfo != nil && credentials.CheckSecurityLevel(info.AuthInfo, credentials.PrivacyAndIntegrity) == nil
	if c.err != nil {
		return nil, c.err
	}
	if c.secure && !secure {
		return nil, errors.New("not secure")
	}
	return map[string]string{"authorization": "token", "seen": uri[0][strings.LastIndexByte(uri[0], '/'):] + " " + info.Method}, nil
}

func (c token) RequireTransportSecurity() bool { return c.secure }

func TestCredentialsOfCalls(t *testing.T) {
	t.Parallel()
	eachKind(t, func(c kindOfCall) {
		t, w, call := c.t, c.wire, c.call
		s := w.serve(t, registering(doing(func(ctx context.Context) error {
			md, _ := metadata.FromIncomingContext(ctx)
			method, _ := grpc.Method(ctx)
			if joined(md, "authorization") != "token" || joined(md, "seen") != "/squarerpc_service.SquareService "+method {
				t.Errorf("metadata %v", md)
			}
			return nil
		})))
		plain := s.stub
		for _, test := range []struct {
			creds token
			want  codes.Code
		}{
			{token{}, codes.OK},
			{token{err: errors.New("x")}, codes.Unauthenticated},
			{token{err: status.Error(codes.Unavailable, "x")}, codes.Unavailable},
			{token{err: status.Error(codes.NotFound, "x")}, codes.Internal}, // gRFC A54
		} {
			s.stub = plain.With(grpc.PerRPCCredentials(test.creds))
			wantCode(t, call(within(t), s), test.want)
		}
		want := codes.Unauthenticated
		if w.major == 2 {
			want = codes.OK // over TLS
		}
		s.stub = plain.With(grpc.PerRPCCredentials(token{secure: true}))
		wantCode(t, call(within(t), s), want)
	})
}
