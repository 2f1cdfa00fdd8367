package wires

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"testing"
	"time"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// chromium is a browser that node/browser.js controls.
type chromium struct {
	in   io.WriteCloser
	logs *bytes.Buffer // the output of the process, after it has ended

	mu      sync.Mutex
	next    int
	waiting map[int]chan<- deed
	ended   chan struct{}
}

// deed is an answer from node/browser.js.
type deed struct {
	ID     int
	Result json.RawMessage
	Error  string
}

// startChromium starts a browser, which ends with the test.
func startChromium(t *testing.T) *chromium {
	t.Helper()
	cmd := exec.Command(esNode(t), "browser.js", proc.Find(t, "chromium", "apt-get install chromium"))
	b := &chromium{logs: new(bytes.Buffer), waiting: make(map[int]chan<- deed), ended: make(chan struct{})}
	cmd.Dir, cmd.Stderr = "node", b.logs
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	b.in = in
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(b.ended)
		for lines := bufio.NewScanner(out); lines.Scan(); {
			var d deed
			if err := json.Unmarshal(lines.Bytes(), &d); err == nil {
				b.mu.Lock()
				b.waiting[d.ID] <- d
				b.mu.Unlock()
			}
		}
		_ = cmd.Wait() // the test sees what it did
	}()
	t.Cleanup(func() {
		_ = in.Close()
		select {
		case <-b.ended:
		case <-time.After(20 * time.Second):
			_ = cmd.Process.Kill()
			<-b.ended
			t.Error("the browser did not end")
		}
		if t.Failed() {
			t.Logf("node wrote\n%s", b.logs)
		}
	})
	return b
}

// page is a tab of the browser.
type page struct {
	t       *testing.T
	browser *chromium
	name    string
}

// open opens a page in its own profile.
func (b *chromium) open(t *testing.T, url string) page {
	t.Helper()
	p := b.page(t)
	p.do("open", url)
	return p
}

// tab opens a page in the profile of p.
func (p page) tab(url string) page {
	p.t.Helper()
	other := p.browser.page(p.t)
	other.do("tab", p.name, url)
	return other
}

// page returns a page that is not open yet.
func (b *chromium) page(t *testing.T) page {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.next++
	return page{t, b, fmt.Sprintf("page %d", b.next)}
}

// do makes the browser do something, and returns the result.
func (p page) do(what string, args ...any) json.RawMessage {
	p.t.Helper()
	b, answer := p.browser, make(chan deed, 1)
	b.mu.Lock()
	b.next++
	id := b.next
	b.waiting[id] = answer
	line, err := json.Marshal(map[string]any{"id": id, "page": p.name, "do": what, "args": append([]any{}, args...)})
	if err == nil {
		_, err = b.in.Write(append(line, '\n'))
	}
	b.mu.Unlock()
	if err != nil {
		p.t.Fatal(err)
	}
	select {
	case d := <-answer:
		if d.Error != "" {
			p.t.Fatalf("%s %q: %s", what, args, d.Error)
		}
		return d.Result
	case <-b.ended:
		p.t.Fatalf("the browser has ended\n%s", b.logs)
	}
	return nil
}

// get is do for actions with a result.
func (p page) get(into any, what string, args ...any) {
	p.t.Helper()
	if err := json.Unmarshal(p.do(what, args...), into); err != nil {
		p.t.Fatal(err)
	}
}

// wait waits until the element with a role contains a text.
func (p page) wait(role, text string) {
	p.t.Helper()
	p.do("wait", role, text)
}
