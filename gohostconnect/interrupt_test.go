package gohostconnect_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"connectrpc.com/connect/v2/connectproto"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// interrupted is an http.ResponseWriter whose reading has been interrupted when done
// is closed.
type interrupted struct {
	http.ResponseWriter
	done chan struct{}
}

func (i interrupted) Unwrap() http.ResponseWriter { return i.ResponseWriter }

func (i interrupted) SetReadDeadline(t time.Time) error {
	defer close(i.done)
	return http.NewResponseController(i.ResponseWriter).SetReadDeadline(t)
}

// slowCodec decodes its first message when done is closed.
type slowCodec struct {
	connect.Codec
	first sync.Once
	done  chan struct{}
}

func (c *slowCodec) UnmarshalRead(ctx context.Context, src io.Reader, m any) error {
	data, err := io.ReadAll(src)
	if err != nil {
		return err
	}
	c.first.Do(func() { <-c.done })
	return c.Codec.UnmarshalRead(ctx, bytes.NewReader(data), m)
}

// A deadline that comes while a complete request is decoded ends only that
// call.
func TestInterruptedRequest(t *testing.T) {
	t.Parallel()
	server := connect.NewServer()
	squares.RegisterSquareService(gohostconnect.NewRegistrar(server), fake{
		square: func(ctx context.Context, _ *msg) (*msg, error) { return num(4), ctx.Err() },
	})
	done := make(chan struct{})
	handler := gohostconnect.NewHandler(server, connecthttp.WithCodecs(&slowCodec{Codec: connectproto.NewJSONCodec(), done: done}))
	var first sync.Once
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		first.Do(func() { w = interrupted{w, done} })
		handler.ServeHTTP(w, r)
	}))
	t.Cleanup(web.Close)
	conn, err := net.Dial("tcp", web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	reader := bufio.NewReader(conn)
	ask := func(header string) (*http.Response, error) {
		fmt.Fprintf(conn, "POST /squarerpc_service.SquareService/square HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n%sContent-Length: 2\r\n\r\n{}", header)
		res, err := http.ReadResponse(reader, nil)
		if err == nil {
			_ = res.Body.Close()
		}
		return res, err
	}
	res, err := ask("Connect-Timeout-Ms: 50\r\n")
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != http.StatusGatewayTimeout {
		t.Errorf("the call that was interrupted: %s", res.Status)
	}
	if res, err := ask(""); err == nil && res.StatusCode != http.StatusOK {
		t.Errorf("the next call: %s, want OK or no connection", res.Status)
	}
}
