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

// Fake is an API that serves objects which do not change, and checks nothing of
// them. Its methods may be called at once.
type Fake struct {
	API
	objects []object

	mu       sync.Mutex
	statuses map[string]string // by the path of the object
}

// StartFake serves the objects of YAML texts. One without a namespace is in "default".
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
	tb.Cleanup(server.CloseClientConnections) // before it: watches have no end of their own
	f.API = API{URL: server.URL, Token: "token"}
	return f
}

// ServeHTTP lists, holds watches open, and takes statuses.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch {
	case r.Method == http.MethodPut:
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the controller has gone
		}
		f.mu.Lock()
		f.statuses[strings.TrimSuffix(r.URL.Path, "/status")] = string(body)
		f.mu.Unlock()
		w.Write(body) //nolint:errcheck // the controller may have gone
	case r.URL.Path == "/version":
		io.WriteString(w, `{"major":"1","minor":"34","gitVersion":"v1.34.2"}`) //nolint:errcheck // the same
	case r.URL.Query().Get("watch") == "true":
		w.(http.Flusher).Flush()
		<-r.Context().Done()
	default:
		f.list(w, r.URL.Path)
	}
}

// list answers by the objects of a collection, or by one object.
func (f *Fake) list(w http.ResponseWriter, path string) {
	items := make([]object, 0)
	for _, o := range f.objects {
		switch path {
		case o.collection(), o.path():
			items = append(items, o)
		case o.path() + "/" + o.metadata().text("name"):
			json.NewEncoder(w).Encode(o) //nolint:errcheck // the controller may have gone
			return
		}
	}
	// Without a kind it is the list that the client has asked for.
	json.NewEncoder(w).Encode(map[string]any{"metadata": map[string]any{"resourceVersion": "1"}, "items": items}) //nolint:errcheck // the same
}

// Statuses returns what a controller has said about objects, as JSON by their
// paths, such as /apis/gateway.networking.k8s.io/v1/namespaces/default/httproutes/a.
func (f *Fake) Statuses() map[string]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	statuses := make(map[string]string, len(f.statuses))
	for path, status := range f.statuses {
		statuses[path] = status
	}
	return statuses
}
