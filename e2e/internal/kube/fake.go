package kube

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
)

// Fake is an API that serves fixed objects without checking them. Its methods may be
// called concurrently.
type Fake struct {
	API
	objects []object

	mu       sync.Mutex
	statuses map[string]string // by the path of the object
}

// StartFake serves the objects of YAML texts. The default namespace is "default".
func StartFake(tb testing.TB, texts ...string) *Fake {
	tb.Helper()
	f := &Fake{statuses: make(map[string]string)}
	for _, text := range texts {
		f.objects = append(f.objects, parse(tb, text)...)
	}
	for _, o := range f.objects {
		m := o.metadata()
		if m.text("namespace") == "" && !clusterWide[o.text("kind")] {
			m["namespace"] = "default"
		}
		m["uid"], m["resourceVersion"], m["generation"] = o.String(), "1", 1
	}
	server := httptest.NewServer(f)
	tb.Cleanup(server.Close)
	tb.Cleanup(server.CloseClientConnections) // runs first: watches do not end by themselves
	f.API = API{URL: server.URL, Token: "token"}
	return f
}

// ServeHTTP serves lists, holds watches open, and accepts statuses.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the controller has disconnected
		}
		f.mu.Lock()
		f.statuses[strings.TrimSuffix(r.URL.Path, "/status")] = string(body)
		f.mu.Unlock()
		w.Write(body) //nolint:errcheck // the controller may have disconnected
	case r.URL.Path == "/version":
		io.WriteString(w, `{"major":"1","minor":"34","gitVersion":"v1.34.2"}`) //nolint:errcheck // the same
	case r.URL.Query().Get("watch") == "true":
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	default:
		f.list(w, r.URL.Path)
	}
}

// list serves the objects of a collection, or one object.
func (f *Fake) list(w http.ResponseWriter, path string) {
	items := make([]object, 0)
	for _, o := range f.objects {
		switch path {
		case o.collection(), o.path():
			items = append(items, o)
		case o.path() + "/" + o.metadata().text("name"):
			json.NewEncoder(w).Encode(o) //nolint:errcheck // the controller may have disconnected
			return
		}
	}
	// Without a kind, the client takes it for the list that it has asked for.
	json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{"resourceVersion": "1"}, "items": items}) //nolint:errcheck // the same
}

// Statuses returns the statuses that a controller has set, as JSON by the path of the
// object, such as /apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/a.
func (f *Fake) Statuses() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	statuses := make(map[string]string, len(f.statuses))
	for path, status := range f.statuses {
		statuses[path] = status
	}
	return statuses
}
