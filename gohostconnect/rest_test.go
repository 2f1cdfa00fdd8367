package gohostconnect_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"testing"
	"time"
)

// The rest of a request that has been answered is never read as another
// request: the connection ends after the answer.
func TestRestOfARequestIsNoRequest(t *testing.T) {
	t.Parallel()
	var squared int
	w := wires[1]
	s := w.serve(t, registering(fake{
		sum:    func(context.Context, msgs) (*msg, error) { return num(7), nil },
		square: func(context.Context, *msg) (*msg, error) { squared++; return num(0), nil },
	}))
	conn, err := net.Dial("tcp", s.web.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	const path = "/squarerpc_service.SquareService/"
	fmt.Fprintf(conn, "POST %ssumSquare HTTP/1.1\r\nHost: a\r\nContent-Type: application/connect+json\r\nTransfer-Encoding: chunked\r\n\r\n", path)
	reader := bufio.NewReader(conn)
	res, err := http.ReadResponse(reader, nil)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if err != nil || len(body) == 0 {
		t.Errorf("the answer is %q, %v", body, err)
	}
	// The rest of the body: the server could read it as a request.
	fmt.Fprintf(conn, "POST %ssquare HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}", path)
	if rest, err := io.ReadAll(reader); len(rest) > 0 {
		t.Errorf("behind the answer comes %q, %v", rest, err)
	}
	if squared != 0 {
		t.Error("the rest was served")
	}
}
