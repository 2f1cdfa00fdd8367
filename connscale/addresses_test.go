package connscale_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/connectivity"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/connscale"
	"github.com/gohostrpc/gohost/internal/synctest"
)

// dualStack is an endpoint with several addresses.
func dualStack(addresses ...string) resolver.State {
	var endpoint resolver.Endpoint
	for _, address := range addresses {
		endpoint.Addresses = append(endpoint.Addresses, resolver.Address{Addr: address})
	}
	return resolver.State{Endpoints: []resolver.Endpoint{endpoint}}
}

// addresses returns the addresses of the connections.
func addresses(client *connscale.Client) []string {
	var addresses []string
	for _, c := range client.Stats().Connections {
		addresses = append(addresses, c.Address)
	}
	return addresses
}

// The child chooses which of several addresses to connect to. Further connections go to
// the same one.
func TestAnAddressIsDead(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"pick_first": "", "round_robin": roundRobin} {
		for how, dead := range map[string]func(context.Context, try) error{
			"refuses": func(_ context.Context, t try) error {
				if t.address == "[::1]:1" {
					return errRefused
				}
				return nil
			},
			"hangs": func(ctx context.Context, t try) error {
				if t.address != "[::1]:1" {
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			},
		} {
			t.Run(name+" "+how, func(t *testing.T) {
				t.Parallel()
				bubble(t, func(t *testing.T, n *network) {
					n.serve(t, "127.0.0.1:1", grpc.MaxConcurrentStreams(2))
					n.setRefuse(dead)
					r, target := resolved()
					r.InitialState(dualStack("[::1]:1", "127.0.0.1:1"))
					client := n.clientOf(t, target, connscale.Options{ServiceConfig: config}, grpc.WithResolvers(r))
					hold(t, client, 5)
					wantStreams(t, "the first address is dead", client, 2, 2, 1)
					if got := addresses(client); !slices.Equal(got, []string{"127.0.0.1:1", "127.0.0.1:1", "127.0.0.1:1"}) {
						t.Errorf("the connections are to %v", got)
					}
					tries := 0
					for _, t := range n.dialled() {
						if t.address == "[::1]:1" {
							tries++
						}
					}
					if tries != 1 {
						t.Errorf("the dead address was tried %d times, want once", tries)
					}
				})
			})
		}
	}
}

// An address that is removed gets no more calls. Its open calls continue, and waiting
// calls go elsewhere.
func TestAnAddressIsRemoved(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]string{"pick_first": "", "round_robin": roundRobin} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			bubble(t, func(t *testing.T, n *network) {
				n.serve(t, "a", grpc.MaxConcurrentStreams(1))
				n.serve(t, "b", grpc.MaxConcurrentStreams(1))
				r, target := resolved("a")
				client := n.clientOf(t, target, connscale.Options{ServiceConfig: config, MaxConnections: 2}, grpc.WithResolvers(r))
				held := hold(t, client, 2)
				waiting := []*later{holdLater(t, t.Context(), client), holdLater(t, t.Context(), client), holdLater(t, t.Context(), client)}
				wantWaiting(t, "all are full", client, 3)
				r.UpdateState(endpoints("b"))
				synctest.Wait()
				wantStreams(t, "another address", client, 1, 1)
				wantWaiting(t, "another address", client, 1)
				if got := addresses(client); !slices.Equal(got, []string{"b", "b"}) {
					t.Errorf("the connections are to %v", got)
				}
				for _, s := range held {
					s.wantEnd(t, codes.Canceled)
				}
				if got := client.GetState(); got != connectivity.Ready {
					t.Errorf("the state is still %v", got)
				}
				if got := client.Subchannels(); got != 1 {
					t.Errorf("there are %d subchannels, want that of the address that is left", got)
				}
				for _, w := range waiting {
					if w.has() && w.err == nil {
						w.wantEnd(t, codes.Canceled)
					}
				}
			})
		})
	}
}

// An address that stays keeps its connections, and the waiting calls keep their order,
// whatever else the resolver says.
func TestAnAddressStays(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "a", grpc.MaxConcurrentStreams(1))
		n.serve(t, "b", grpc.MaxConcurrentStreams(1))
		r, target := resolved("a")
		client := n.clientOf(t, target, connscale.Options{MaxConnections: 2}, grpc.WithResolvers(r))
		held := hold(t, client, 2)
		first, second := holdLater(t, t.Context(), client), holdLater(t, t.Context(), client)
		for _, state := range []resolver.State{endpoints("b", "a"), endpoints("a", "b"), endpoints("a")} {
			r.UpdateState(state)
			synctest.Wait()
			wantStreams(t, "other addresses", client, 1, 1)
			wantWaiting(t, "other addresses", client, 2)
		}
		held[0].end()
		first.wantBegun(t, "there is room")
		held[1].end()
		second.wantBegun(t, "there is room")
		time.Sleep(time.Minute)
	})
}

// The child handles a resolver that fails, before or after it has found servers, and
// one that finds none.
func TestTheResolverFails(t *testing.T) {
	t.Parallel()
	bubble(t, func(t *testing.T, n *network) {
		n.serve(t, "a", grpc.MaxConcurrentStreams(1))
		r, target := resolved("a")
		client := n.clientOf(t, target, connscale.Options{}, grpc.WithResolvers(r))
		hold(t, client, 2)
		r.CC().ReportError(context.DeadlineExceeded)
		synctest.Wait()
		wantUnary(t, "the resolver has failed", client)
		wantStreams(t, "the resolver has failed", client, 1, 1, 0)

		r.UpdateState(resolver.State{})
		synctest.Wait()
		wantStreams(t, "no servers", client)
		wantError(t, "no servers", unary(t.Context(), client), codes.Unavailable, "name resolver error: produced zero addresses")
	})
	t.Run("without a connection", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T, n *network) {
			r, target := resolved("a")
			client := n.clientOf(t, target, connscale.Options{}, grpc.WithResolvers(r))
			if err := unary(t.Context(), client); status.Code(err) != codes.Unavailable {
				t.Fatal(err)
			}
			r.CC().ReportError(errors.New("no servers are known"))
			synctest.Wait()
			wantError(t, "the resolver has failed", unary(t.Context(), client), codes.Unavailable, "name resolver error: no servers are known")
		})
	})
	t.Run("before it has found servers", func(t *testing.T) {
		t.Parallel()
		bubble(t, func(t *testing.T, n *network) {
			var errs [2]error
			for i := range errs {
				r := manual.NewBuilderWithScheme("test")
				r.BuildCallback = func(_ resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) {
					cc.ReportError(errors.New("no servers are known"))
				}
				var cc grpc.ClientConnInterface = n.plain(t, "test:///servers", grpc.WithResolvers(r))
				if i == 1 {
					cc = n.clientOf(t, "test:///servers", connscale.Options{}, grpc.WithResolvers(r))
				}
				errs[i] = unary(t.Context(), cc)
			}
			wantError(t, "no servers are known", errs[1], codes.Unavailable, status.Convert(errs[0]).Message())
		})
	})
}
