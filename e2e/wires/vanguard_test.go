package wires

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"connectrpc.com/connect/v2"
	"connectrpc.com/vanguard"
	"google.golang.org/genproto/googleapis/api/annotations"

	"github.com/gohostrpc/gohost/e2e/internal/samples"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// newREST serves squares over REST, too. The rule may also be in the .proto, as the
// option google.api.http of the method, where vanguard finds it.
func newREST(impl squares.SquareService) (http.Handler, error) {
	server := connect.NewServer()
	squares.RegisterSquareService(gohostconnect.NewRegistrar(server), impl)
	return vanguard.NewTranscoder(
		[]*vanguard.Service{vanguard.NewService(squares.SquareServiceName, gohostconnect.NewHandler(server))},
		vanguard.WithRules(&annotations.HttpRule{
			Selector: squares.SquareServiceName + ".square",
			Pattern:  &annotations.HttpRule_Get{Get: "/v1/squares/{message}"},
		}))
}

// A method with a rule can be called over REST. All methods can still be called over
// each wire.
func TestVanguard(t *testing.T) {
	t.Parallel()
	reports := new(samples.Reports)
	handler, err := newREST(samples.Squares(reports))
	if err != nil {
		t.Fatal(err)
	}
	server := serveHTTP(t, target{reports: reports}, handler)
	for path, want := range map[string]struct {
		status int
		body   string
	}{
		"/v1/squares/12":      {http.StatusOK, `{"message":144}`},
		"/v1/squares/-1":      {http.StatusBadRequest, `"message":"-1 is negative"`},
		"/v1/squares/unheard": {http.StatusBadRequest, ``},
		"/v1/cubes/12":        {http.StatusNotFound, ``},
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			res, err := server.client(t, 1).Get(server.url() + path)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != want.status || !strings.Contains(string(body), want.body) {
				t.Errorf("%d %s, %v, want %d %s", res.StatusCode, body, err, want.status, want.body)
			}
			res.Body.Close() //nolint:errcheck,gosec // it has been read
		})
	}
	for _, r := range []row{{client: goGRPC, protocol: grpcWire, http: 2}, {client: bridge, protocol: connectWire, http: 2}, {client: bridge, protocol: webWire, http: 1}} {
		t.Run(r.client+"/"+r.protocol, func(t *testing.T) {
			t.Parallel()
			client := goClients[r.client](t, server, r, false)
			for _, column := range []string{unary, serverStream, clientStream, bidirectional, earlyAnswer, hostOfTheCall} {
				if column == bidirectional && r.http == 1 {
					continue
				}
				if err := callerCells[column](newCall(t.Context(), client, server, t.Name())); err != nil {
					t.Errorf("%s: %v", column, err)
				}
			}
		})
	}
}
