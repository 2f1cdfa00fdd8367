package main

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"connectrpc.com/connect/v2/connecthttp"

	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// visitors makes clients enter the hub one after another, each while those before it
// are inside. All others see that the last one leaves.
func visitors(t *testing.T, names []string, stubs map[string]greeter.GreeterStub) {
	t.Helper()
	ctx := within(t)
	var enter func(i int)
	enter = func(i int) {
		last := i == len(names)-1
		for event, err := range stubs[names[i]].SayHelloStream2(ctx, &greeter.HelloRequest{Name: names[i]}) {
			switch {
			case err != nil:
				t.Fatalf("%s: %v", names[i], err)
			case event.GetFirst().GetMessage() != "Hello "+names[i]:
			case last:
				return
			default:
				enter(i + 1)
			}
			if strings.HasPrefix(event.GetGoodbye().GetMessage(), names[i+1]) {
				return
			}
		}
		t.Errorf("the visit of %s has ended early", names[i])
	}
	enter(0)
}

func TestEveryWireOnOnePort(t *testing.T) {
	t.Parallel()
	c := start(t)
	page, header := get(t, client(t, nil), c.url)
	if !strings.Contains(page, "<h1>The hub</h1>") || header.Get("Content-Security-Policy") == "" {
		t.Errorf("the page is\n%s\nwith %v", page, header)
	}
	for _, file := range []string{"page.js", "style.css"} {
		if text, _ := get(t, client(t, nil), c.url+"/"+file); text == "" {
			t.Errorf("%s is empty", file)
		}
	}
	visitors(t, []string{"Ada", "Bob", "Eve", "Tim"}, map[string]greeter.GreeterStub{
		"Ada": c.grpcStub(t, nil),
		"Bob": c.stub(t, nil),
		"Eve": c.stub(t, nil, connecthttp.WithGRPCWeb()),
		"Tim": c.stub(t, nil, connecthttp.WithProtoJSON()),
	})
	res, err := client(t, nil).Post(c.url+"/helloworld.Greeter/SayHello", "application/json", strings.NewReader(`{"name":"Ada"}`))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // read only
	if body, err := io.ReadAll(res.Body); err != nil || string(body) != `{"message":"Hello Ada"}` {
		t.Errorf("JSON is answered by %s, %v", body, err)
	}
}

func TestTLS(t *testing.T) {
	t.Parallel()
	cert, key := certificate.SelfSigned(t, "127.0.0.1")
	dir, pool := t.TempDir(), x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(cert))
	for name, text := range map[string]string{"cert": cert, "key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c := start(t, "-cert", filepath.Join(dir, "cert"), "-key", filepath.Join(dir, "key"))
	config := &tls.Config{RootCAs: pool}
	get(t, client(t, config), c.url)
	visitors(t, []string{"Ada", "Bob"}, map[string]greeter.GreeterStub{"Ada": c.grpcStub(t, config), "Bob": c.stub(t, config)})
}

// A client that is inside when the server ends sees the end of its stream, and does not
// delay the server.
func TestTheServerEnds(t *testing.T) {
	t.Parallel()
	c := start(t, "-grace", "1m")
	began := time.Now()
	events := 0
	for _, err := range c.stub(t, nil).SayHelloStream2(within(t), &greeter.HelloRequest{Name: "Ada"}) {
		if err != nil {
			t.Errorf("after %d events: %v", events, err)
		}
		events++
		c.end()
	}
	if err := <-c.done; err != nil || events == 0 || time.Since(began) > 15*time.Second {
		t.Errorf("after %d events and %v the server ended with %v", events, time.Since(began), err)
	}
}

func TestWhatIsNoCommand(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"-nonsense"},
		{"nonsense"},
		{"-addr", "nonsense"},
		{"-addr", "127.0.0.1:0", "-cert", "nonsense"},
	} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%q: no error", args)
		}
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	const friend, stranger = "https://other.example", "https://stranger.example"
	closed, opened := start(t), start(t, "-cors", friend+",https://another.example")
	for _, test := range []struct {
		server       *command
		origin, want string
	}{
		{closed, friend, ""},
		{opened, friend, friend},
		{opened, stranger, ""},
	} {
		// The preflight request of a browser.
		req, err := http.NewRequestWithContext(within(t), http.MethodOptions, test.server.url+"/helloworld.Greeter/SayHelloStream2", nil)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Origin", test.origin)
		req.Header.Set("Access-Control-Request-Method", http.MethodPost)
		req.Header.Set("Access-Control-Request-Headers", "connect-protocol-version,content-type")
		res, err := client(t, nil).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if got := res.Header.Get("Access-Control-Allow-Origin"); got != test.want {
			t.Errorf("%s may call: %q, want %q", test.origin, got, test.want)
		}
	}
}
