package wires

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/internal/certificate"
	"github.com/gohostrpc/gohost/testdata/greeter"
)

// browserExample is the folder of the example.
const browserExample = "../../examples/browser"

// The page of examples/browser runs in a real browser, next to a Go stub that calls
// over gRPC on the same port.
func TestBrowser(t *testing.T) {
	t.Parallel()
	browser := startChromium(t)
	program := buildBrowserExample(t)
	for name, test := range map[string]func(*testing.T, *chromium, string){
		"Connect":                 visitBy("Connect, protobuf"),
		"Connect, JSON":           visitBy("Connect, JSON"),
		"gRPC-Web":                visitBy("gRPC-Web, protobuf"),
		"closed tab":              visitByClosedTab,
		"another page":            visitAndGoElsewhere,
		"status":                  visitInVain,
		"server restarts":         visitThatGoesOn,
		"another origin, refused": visitOfAStranger,
		"another origin, allowed": visitOfAFriend,
		"TLS":                     visitOverTLS,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, browser, program)
		})
	}
}

// buildBrowserExample builds the example, and returns the path of the program.
func buildBrowserExample(t *testing.T) string {
	t.Helper()
	program := filepath.Join(t.TempDir(), "browser")
	build := exec.Command("go", "build", "-o", program, ".")
	build.Dir = filepath.FromSlash(browserExample)
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return program
}

// startHub starts the example at an address, and returns its process.
func startHub(t *testing.T, program, addr string, args ...string) *proc.Process {
	t.Helper()
	return proc.Start(t, exec.Command(program, append([]string{"-addr", addr, "-tick", "100ms"}, args...)...), addr)
}

// watcher is in the hub, through a Go stub over gRPC.
type watcher struct {
	leave context.CancelFunc

	mu  sync.Mutex
	saw []string
	err error
}

// watch lets name enter the hub, until the test ends or leave is called.
func watch(t *testing.T, addr, name string) *watcher {
	t.Helper()
	conn, err := grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	w := &watcher{leave: cancel}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for event, err := range greeter.NewGreeterStub(conn).SayHelloStream2(ctx, &greeter.HelloRequest{Name: name}) {
			w.mu.Lock()
			w.saw = append(w.saw, event.GetFirst().GetMessage()+event.GetGoodbye().GetMessage())
			w.err = err
			w.mu.Unlock()
		}
	}()
	t.Cleanup(func() {
		cancel()
		<-done
		_ = conn.Close()
	})
	w.sees(t, "Hello "+name)
	return w
}

// sees waits until the watcher has seen an event.
func (w *watcher) sees(t *testing.T, event string) {
	t.Helper()
	proc.Wait(t, event, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.err != nil {
			t.Fatalf("before %q: %v", event, w.err)
		}
		for _, saw := range w.saw {
			if saw == event {
				return true
			}
		}
		return false
	})
}

// enter fills in the form of a page.
func (p page) enter(name string) {
	p.t.Helper()
	p.do("fill", "Name", name)
	p.do("click", "Enter")
}

// clean checks that the browser reports no errors.
func (p page) clean() {
	p.t.Helper()
	var errors []string
	if p.get(&errors, "errors"); len(errors) > 0 {
		p.t.Errorf("the console has the errors %q", errors)
	}
}

func visitBy(wire string) func(*testing.T, *chromium, string) {
	return func(t *testing.T, browser *chromium, program string) {
		t.Helper()
		visit(t, browser, program, wire)
	}
}

func visit(t *testing.T, browser *chromium, program, wire string) {
	t.Helper()
	addr := proc.Addr(t)
	hub := startHub(t, program, addr)
	ada := watch(t, addr, "Ada")
	p := browser.open(t, "http://"+addr)
	p.do("select", "Wire", wire)
	p.enter("Bob")
	p.wait("log", "Hello Bob")
	p.wait("status", "Bob is inside.")
	ada.sees(t, "Bob has entered")
	eve := watch(t, addr, "Eve")
	p.wait("log", "Eve has entered")
	eve.leave()
	p.wait("log", "Eve has left")
	p.do("evaluate", `new Promise((done) => {
		const look = () => document.getElementById("timer").textContent.startsWith("time goes by (") ? done() : setTimeout(look, 10);
		look();
	})`)
	p.do("click", "Leave")
	p.wait("status", "You are outside.")
	ada.sees(t, "Bob has left")
	proc.Wait(t, "the log", func() bool { return strings.Contains(hub.Output(), "Bob has left, 1 inside") })

	// Tim may come back, and get the events that he has missed.
	watch(t, addr, "Tim").leave()
	ada.sees(t, "Tim has left")
	p.enter("Bob")
	p.wait("log", "Tim has entered")
	p.clean()
}

func visitByClosedTab(t *testing.T, browser *chromium, program string) {
	t.Helper()
	visitAndLeave(t, browser, program, "close")
}

func visitAndGoElsewhere(t *testing.T, browser *chromium, program string) {
	t.Helper()
	visitAndLeave(t, browser, program, "go", "about:blank")
}

// visitAndLeave enters the hub, and leaves the page as the browser is told to.
func visitAndLeave(t *testing.T, browser *chromium, program, what string, args ...any) {
	t.Helper()
	addr := proc.Addr(t)
	startHub(t, program, addr)
	ada := watch(t, addr, "Ada")
	p := browser.open(t, "http://"+addr)
	p.enter("Bob")
	ada.sees(t, "Bob has entered")
	p.do(what, args...)
	ada.sees(t, "Bob has left")
}

func visitInVain(t *testing.T, browser *chromium, program string) {
	t.Helper()
	addr := proc.Addr(t)
	hub := startHub(t, program, addr)
	watch(t, addr, "Ada")
	p := browser.open(t, "http://"+addr)
	for _, wire := range []string{"Connect, protobuf", "Connect, JSON", "gRPC-Web, protobuf"} {
		p.do("select", "Wire", wire)
		p.enter("Ada")
		p.wait("alert", "AlreadyExists (6) Ada is already inside")
		p.enter("")
		p.wait("alert", "InvalidArgument (3) nobody enters without a name")
		p.wait("alert", "google.rpc.BadRequest")
		p.wait("status", "You are outside.")
	}
	hub.Stop(t)
	p.enter("Bob")
	p.wait("alert", "Failed to fetch")
}

func visitThatGoesOn(t *testing.T, browser *chromium, program string) {
	t.Helper()
	addr := proc.Addr(t)
	hub := startHub(t, program, addr)
	p := browser.open(t, "http://"+addr)
	p.enter("Bob")
	p.wait("log", "Hello Bob")
	for name, end := range map[string]func(){"ends": func() { hub.Stop(t) }, "is killed": func() { hub.Kill() }} {
		end()
		p.wait("status", "The next try is in")
		hub = startHub(t, program, addr)
		p.wait("status", "Bob is inside.")
		watch(t, addr, "Ada, when the server "+strings.Fields(name)[0]).leave()
		p.wait("log", "Ada, when the server "+strings.Fields(name)[0]+" has entered")
	}
	hub.Kill()
	p.wait("status", "The next try is in")
	p.do("click", "Leave") // it must not retry forever
	p.wait("status", "You are outside.")
}

// elsewhere serves the page at its own origin, for a service at another.
func elsewhere(t *testing.T) (origin string, at func(service string)) {
	t.Helper()
	var service string
	files := http.FileServer(http.Dir(filepath.Join(filepath.FromSlash(browserExample), "web", "page")))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/" {
			files.ServeHTTP(w, r)
			return
		}
		text, err := os.ReadFile(filepath.Join(filepath.FromSlash(browserExample), "web", "page", "index.html"))
		if err != nil {
			t.Error(err)
		}
		const where = `<meta name="service" content="`
		w.Header().Set("Content-Type", "text/html")
		_, _ = strings.NewReplacer(where, where+service).WriteString(w, string(text))
	}))
	t.Cleanup(web.Close)
	return web.URL, func(s string) { service = s }
}

func visitOfAStranger(t *testing.T, browser *chromium, program string) {
	t.Helper()
	origin, at := elsewhere(t)
	addr := proc.Addr(t)
	hub := startHub(t, program, addr)
	at("http://" + addr)
	p := browser.open(t, origin)
	p.enter("Bob")
	p.wait("alert", "Failed to fetch")
	var errors []string
	if p.get(&errors, "errors"); !strings.Contains(strings.Join(errors, "\n"), "CORS policy") {
		t.Errorf("the console has the errors %q, want one about the policy", errors)
	}
	if out := hub.Output(); strings.Contains(out, "Bob") {
		t.Errorf("the stranger was allowed to enter:\n%s", out)
	}
}

func visitOfAFriend(t *testing.T, browser *chromium, program string) {
	t.Helper()
	origin, at := elsewhere(t)
	addr := proc.Addr(t)
	startHub(t, program, addr, "-cors", "https://other.example,"+origin)
	at("http://" + addr)
	ada := watch(t, addr, "Ada")
	for _, wire := range []string{"Connect, protobuf", "Connect, JSON", "gRPC-Web, protobuf"} {
		p := browser.open(t, origin)
		p.do("select", "Wire", wire)
		p.enter(wire)
		p.wait("log", "Hello "+wire)
		ada.sees(t, wire+" has entered")
		p.do("click", "Leave")
		ada.sees(t, wire+" has left")
		// The headers of a status must be exposed, too.
		p.enter("Ada")
		p.wait("alert", "AlreadyExists (6) Ada is already inside")
	}
}

// Over TLS the browser speaks HTTP/2.
func visitOverTLS(t *testing.T, browser *chromium, program string) {
	t.Helper()
	cert, key := certificate.SelfSigned(t, "127.0.0.1")
	dir := t.TempDir()
	for name, text := range map[string]string{"cert": cert, "key": key} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	addr := proc.Addr(t)
	hub := startHub(t, program, addr, "-cert", filepath.Join(dir, "cert"), "-key", filepath.Join(dir, "key"))
	p := browser.open(t, "https://"+addr)
	p.enter("Bob")
	p.wait("log", "Hello Bob")
	var protocol string
	if p.get(&protocol, "evaluate", `performance.getEntriesByType("navigation")[0].nextHopProtocol`); protocol != "h2" {
		t.Errorf("the page came over %s, want h2", protocol)
	}
	// Over HTTP/1.1 the browser would open at most six connections, so no tab could
	// load beside six visits.
	for n := range 6 {
		tab := p.tab("https://" + addr)
		tab.enter(fmt.Sprint("Visitor ", n))
		tab.wait("status", "is inside")
	}
	p.do("close")
	proc.Wait(t, "the log", func() bool { return strings.Contains(hub.Output(), "Bob has left, 6 inside") })
}

// connect-es in a browser supports unary calls and server streams. It immediately
// returns an error for calls that fetch does not support.
func TestBrowserConnectES(t *testing.T) {
	t.Parallel()
	browser := startChromium(t)
	for name, overTLS := range map[string]bool{"HTTP 1.1": false, "HTTP 2": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := browser.open(t, new(esServer).serve(t, overTLS))
			p.do("load", "gen/page.js")
			var outcomes []esOutcome
			p.get(&outcomes, "evaluate", "runCases()")
			if want := 3 * 13; len(outcomes) != want {
				t.Errorf("%d cases were run, want %d", len(outcomes), want)
			}
			esReport(t, outcomes)
		})
	}
}
