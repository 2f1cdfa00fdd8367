package dataplane

import (
	"fmt"
	"iter"
	"math"
	"strings"
	"testing"

	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/e2e/internal/routecases"
)

// Possible returns the cases that grpc-go can make.
func Possible(cases []routecases.Case) []routecases.Case {
	var possible []routecases.Case
	for _, c := range cases {
		if !strings.Contains(c.Host, ":") && strings.ToLower(c.Host) == c.Host {
			possible = append(possible, c)
		}
	}
	return possible
}

// unknownHost are grpc-go's errors for an unknown host: it has no virtual host, or one
// that answers by itself. Any other error means that the call was routed.
var unknownHost = []string{"matched route does not have a supported route action type", "could not find VirtualHost"}

// Check makes the calls. The test fails for each one that reaches the wrong backend.
func (p *Plane) Check(cases []routecases.Case) {
	p.tb.Helper()
	right := 0
	defer func() { p.tb.Attr("seen", fmt.Sprintf("%d of %d calls at the right backend", right, len(cases))) }()
	for _, c := range cases {
		switch backend, err := p.Call(c); {
		case err != nil:
			p.tb.Errorf("%s%s: error %v, want the backend %q", c.Host, c.Path, err, c.Backend)
		case backend != c.Backend:
			p.tb.Errorf("%s%s: the call reached %q, want %q", c.Host, c.Path, backend, c.Backend)
		default:
			right++
		}
	}
}

// Call makes the call and returns the name of the backend that it reached, or "" for an
// unknown host.
func (p *Plane) Call(c routecases.Case) (string, error) {
	p.tb.Helper()
	conn := p.Conn(c.Host)
	c.Host = "" // use the connection's: a call's host must be in the backend's certificate
	backend, err := c.Call(p.tb.Context(), conn)
	if status.Code(err) == codes.Unavailable {
		for _, text := range unknownHost {
			if strings.Contains(err.Error(), text) {
				return "", nil
			}
		}
	}
	return backend, err
}

// CheckShares makes 2000 calls through p. See the function CheckShares.
func (p *Plane) CheckShares(c routecases.Case, shares map[string]float64) {
	p.tb.Helper()
	CheckShares(p.tb, func() (string, error) { return p.Call(c) }, shares)
}

// CheckShares makes 2000 calls, each of which returns the backend that it reached. The
// test fails if chance does not explain a backend's share.
func CheckShares(tb testing.TB, call func() (string, error), shares map[string]float64) {
	tb.Helper()
	const calls = 2000
	got := make(map[string]int)
	for range calls {
		backend, err := call()
		if err != nil {
			tb.Fatal(err)
		}
		got[backend]++
	}
	tb.Attr("seen", fmt.Sprintf("of %d calls: %v", calls, got))
	for backend, share := range shares {
		mean, deviation := calls*share, math.Sqrt(calls*share*(1-share))
		if math.Abs(float64(got[backend])-mean) > 5*deviation {
			tb.Errorf("%s got %d of %d calls, want about %.0f", backend, got[backend], calls, mean)
		}
		delete(got, backend)
	}
	if len(got) > 0 {
		tb.Errorf("other backends got calls: %v", got)
	}
}

// Routes yields the routes to clusters, with their virtual hosts and matches.
func Routes(routes *route.RouteConfiguration) iter.Seq2[string, *route.RouteAction] {
	return func(yield func(string, *route.RouteAction) bool) {
		for _, v := range routes.GetVirtualHosts() {
			for _, r := range v.GetRoutes() {
				if r.GetRoute() != nil && !yield(fmt.Sprint(v.GetName(), " ", r.GetMatch()), r.GetRoute()) {
					return
				}
			}
		}
	}
}
