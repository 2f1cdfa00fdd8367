package gateway

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// held is a call that waits for the upstream.
type held struct {
	name  string
	s     squares.SquareServiceStub
	ended chan error
}

// holdCalls makes a waiting call of each kind, with requests that wait, too.
func holdCalls(t *testing.T, mode string, s squares.SquareServiceStub) []held {
	t.Helper()
	var all []held
	for kind, open := range kinds {
		h := held{mode + ", " + kind, s, make(chan error, 1)}
		go func() {
			_, err := stream.Collect(open(t.Context(), s, func(yield func(*msg, error) bool) {
				if yield(&msg{Message: hold}, nil) {
					<-t.Context().Done()
				}
			}))
			h.ended <- err
		}()
		all = append(all, h)
	}
	return all
}

// When the upstream is killed, waiting clients get an error immediately, which does not
// name the upstream. When it is back, calls succeed again.
func TestTheUpstreamDies(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		inner, outer bool // nginx behind the gateway, and in front of it
		codes        []codes.Code
	}{
		"alone":           {false, false, []codes.Code{codes.Unavailable}},
		"nginx before it": {false, true, []codes.Code{codes.Unavailable}},
		"nginx behind it": {true, false, []codes.Code{codes.Unavailable, codes.Internal}}, // nginx resets streams that have begun
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := proc.Addr(t)
			backend, upstream := startBackend(t, addr), addr
			if test.inner {
				upstream = proc.Nginx(t, addr)
			}
			var calls []held
			for mode := range modes {
				front := startGateway(t, mode, upstream, nil)
				if test.outer {
					front = proc.Nginx(t, front)
				}
				calls = append(calls, holdCalls(t, mode, squares.NewSquareServiceStub(dial(t, front)).With(gohost.Host(publicHost)))...)
			}
			proc.Wait(t, "the upstream to hold all calls", func() bool {
				return strings.Count(backend.Output(), holding) == len(calls)
			})
			killed := time.Now()
			backend.Kill()
			for _, c := range calls {
				select {
				case err := <-c.ended:
					if !slices.Contains(test.codes, status.Code(err)) {
						t.Errorf("%s: %v", c.name, err)
					} else if secret := names(err, addr, upstream); secret != "" {
						t.Errorf("%s: %v names %s", c.name, err, secret)
					}
				case <-time.After(10 * time.Second):
					t.Fatalf("%s still waits for a dead upstream", c.name)
				}
			}
			t.Attr("seen", "all ended after "+time.Since(killed).Round(time.Millisecond).String())

			startBackend(t, addr)
			for _, c := range calls {
				proc.Wait(t, c.name+" to work again", func() bool {
					ctx, cancel := context.WithTimeout(t.Context(), time.Second)
					defer cancel()
					_, err := c.s.Square(ctx, &msg{Message: 1})
					return err == nil
				})
			}
		})
	}
}
