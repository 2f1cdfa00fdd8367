package stream_test

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/http"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// A call that was cut off can be resumed. The texts are grpc-go's, so the test
// needs another kind of server to cause them.
func TestACallThatWasCutOffIsResumable(t *testing.T) {
	t.Parallel()
	message := []byte{0, 0, 0, 0, 9, 9, 0, 0, 0, 0, 0, 0, 0, 0x40}
	begin := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/grpc")
		w.Header().Set("Trailer", "Grpc-Status, Grpc-Message")
		w.WriteHeader(http.StatusOK)
	}
	flush := func(w http.ResponseWriter, p []byte) {
		_, _ = w.Write(p)
		w.(http.Flusher).Flush()
	}
	tests := map[string]struct {
		serve     http.HandlerFunc
		code      codes.Code
		resumable bool
	}{
		"reset before the header": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, codes.Internal, true},
		"reset in mid-stream": {func(w http.ResponseWriter, _ *http.Request) {
			begin(w)
			flush(w, message)
			panic(http.ErrAbortHandler)
		}, codes.Internal, true},
		"no trailer":        {func(w http.ResponseWriter, _ *http.Request) { begin(w); flush(w, message) }, codes.Internal, true},
		"half of a message": {func(w http.ResponseWriter, _ *http.Request) { begin(w); flush(w, message[:8]) }, codes.Internal, true},
		"500":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) }, codes.Unknown, true},
		"502":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, codes.Unavailable, true},
		"503":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, codes.Unavailable, true},
		"404":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNotFound) }, codes.Unimplemented, false},
		"403":               {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }, codes.PermissionDenied, false},
		"no gRPC at all":    {func(w http.ResponseWriter, _ *http.Request) { flush(w, []byte("hello")) }, codes.Unknown, false},
		"an error of the handler": {func(w http.ResponseWriter, _ *http.Request) {
			begin(w)
			flush(w, message)
			w.Header().Set("Grpc-Status", "13")
			w.Header().Set("Grpc-Message", "the database is broken")
		}, codes.Internal, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			service := squares.NewSquareServiceStub(serveHTTP2(t, test.serve))
			_, err := stream.Collect(service.RangeSquare(t.Context(), &squares.Message{Message: 1}))
			wantStatus(t, err, test.code)
			if stream.Resumable(err) != test.resumable {
				t.Errorf("resumable is %v: %v", !test.resumable, err)
			}
		})
	}
	// Other kinds of resets, which net/http does not send: RFC 9113, section 7, has all
	// of them.
	for reset, want := range map[uint32]codes.Code{0: codes.Internal, 1: codes.Internal, 2: codes.Internal, 7: codes.Unavailable, 8: codes.Canceled, 11: codes.ResourceExhausted, 12: codes.PermissionDenied} {
		service := squares.NewSquareServiceStub(serveResets(t, reset))
		_, err := stream.Collect(service.RangeSquare(t.Context(), &squares.Message{Message: 1}))
		wantStatus(t, err, want)
		if !stream.Resumable(err) {
			t.Errorf("not resumable: %v", err)
		}
	}
}

func TestResumable(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		err  error
		want bool
	}{
		{nil, false},
		{io.ErrUnexpectedEOF, false},
		{errors.New("unexpected HTTP status code received from server: 500"), true}, // Unknown, by a gateway
		{context.Canceled, false},
		{status.Error(codes.Unavailable, ""), true},
		{status.Error(codes.Internal, "reset"), false},
		{status.Error(codes.Internal, "unexpected EOF"), true},
		{status.Error(codes.Internal, "reading the file: unexpected EOF"), false},
		{status.Error(codes.Unknown, "stream terminated by RST_STREAM with error code: X"), false},
		{status.Error(codes.DeadlineExceeded, "stream terminated by RST_STREAM with error code: CANCEL"), false},
		{status.Error(codes.OutOfRange, ""), false},
		{mustDetail(codes.OutOfRange, &errdetails.RetryInfo{}), true},
	} {
		if got := stream.Resumable(test.err); got != test.want {
			t.Errorf("%v: %v, want %v", test.err, got, test.want)
		}
	}
}

// serveHTTP2 returns a connection to an HTTP/2 server that is not grpc-go's.
func serveHTTP2(t *testing.T, handler http.HandlerFunc) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetUnencryptedHTTP2(true)
	server := &http.Server{Handler: handler, Protocols: protocols}
	go server.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(func() { _ = server.Close() })
	return dialAddr(t, listener.Addr().String())
}

func dialAddr(t *testing.T, addr string) *grpc.ClientConn {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

// serveResets returns a connection to a server that answers a call with a
// header, and resets it with this code.
func serveResets(t *testing.T, code uint32) *grpc.ClientConn {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		defer conn.Close() //nolint:errcheck // the client has received everything
		frame := func(kind, flags byte, id uint32, payload []byte) {
			header := binary.BigEndian.AppendUint32(nil, uint32(len(payload))<<8|uint32(kind))
			header = binary.BigEndian.AppendUint32(append(header, flags), id)
			_, _ = conn.Write(append(header, payload...))
		}
		_, _ = io.ReadFull(conn, make([]byte, 24)) // the preface
		frame(4, 0, 0, nil)                        // SETTINGS
		for {
			var header [9]byte
			if _, err := io.ReadFull(conn, header[:]); err != nil {
				return
			}
			_, _ = io.CopyN(io.Discard, conn, int64(binary.BigEndian.Uint32(header[:4])>>8))
			id := binary.BigEndian.Uint32(header[5:])
			switch header[3] {
			case 4:
				if header[4]&1 == 0 {
					frame(4, 1, 0, nil)
				}
			case 1: // HEADERS: ":status: 200" and "content-type: application/grpc"
				frame(1, 4, id, append([]byte{0x88, 0x5f, 16}, "application/grpc"...))
				frame(3, 0, id, binary.BigEndian.AppendUint32(nil, code))
			}
		}
	}()
	return dialAddr(t, listener.Addr().String())
}
