package gohostconnect_test

import (
	"context"
	"net"
	"net/http"
	"testing"
	"time"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// A server over HTTP ends its streams so that clients open them again, whatever
// their handlers wait for.
func TestDrain(t *testing.T) {
	t.Parallel()
	looks := map[string]func(context.Context, msgs) (*msg, error){
		"at Done": func(ctx context.Context, _ msgs) (*msg, error) {
			<-drain.Done(ctx)
			return nil, drain.ErrReopen
		},
		"at its context": func(ctx context.Context, _ msgs) (*msg, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		},
		"at its client": func(_ context.Context, reqs msgs) (*msg, error) {
			_, err := numbers(reqs)
			return num(0), err
		},
	}
	for _, w := range wires {
		if w.major == 0 {
			continue
		}
		for name, look := range looks {
			t.Run(w.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				began := make(chan bool, 2)
				ending := drain.NewHTTP(drain.Options{Grace: 100 * time.Millisecond})
				stub, end := w.serveDraining(t, ending, fake{
					sum: func(ctx context.Context, reqs msgs) (*msg, error) {
						began <- true
						return look(ctx, reqs)
					},
					square: func(ctx context.Context, _ *msg) (*msg, error) {
						began <- true
						<-drain.Done(ctx)
						return num(4), nil
					},
				})
				ctx := within(t)
				ended := make(chan error, 1)
				go func() {
					_, err := stub.SumSquare(ctx, func(yield func(*msg, error) bool) {
						if yield(num(1), nil) {
							<-ctx.Done()
						}
					})
					ended <- err
				}()
				answered := make(chan error, 1)
				go func() {
					_, err := stub.Square(ctx, num(2))
					answered <- err
				}()
				<-began
				<-began
				end()
				err := <-ended
				if s, want := status.Convert(err), status.Convert(drain.ErrReopen); s.Code() != want.Code() || len(s.Details()) != 1 {
					t.Errorf("the stream ends with %v, want %v", err, drain.ErrReopen)
				}
				if err := <-answered; err != nil {
					t.Errorf("the unary call ends with %v", err)
				}
			})
		}
	}
}

// serveDraining serves impl until end is called, which waits for the end. The end of the
// test also ends it.
func (w wire) serveDraining(t *testing.T, ending *drain.HTTP, impl squares.SquareService) (stub squares.SquareServiceStub, end func()) {
	t.Helper()
	server := connect.NewServer()
	registrar := gohostconnect.NewRegistrar(server,
		gohostconnect.UnaryInterceptors(ending.Unary), gohostconnect.StreamInterceptors(ending.Stream))
	squares.RegisterSquareService(registrar, impl)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	protocols := new(http.Protocols)
	protocols.SetHTTP1(w.major == 1)
	protocols.SetUnencryptedHTTP2(w.major == 2)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() {
		served <- ending.Serve(ctx, &http.Server{Handler: gohostconnect.NewHandler(server), Protocols: protocols}, listener) //nolint:gosec // no timeouts
	}()
	client := &http.Client{Transport: &http.Transport{Protocols: protocols}}
	ends := make(chan struct{})
	end = func() {
		select {
		case <-ends:
			return
		default:
			close(ends)
		}
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve returned %v", err)
		}
		client.CloseIdleConnections()
	}
	t.Cleanup(end)
	conn := gohostconnect.NewConn(gohostconnect.NewTransport(client, "http://"+listener.Addr().String(), w.protocol...))
	return squares.NewSquareServiceStub(conn), end
}

// A handler that ignores everything does not hold up the server, and its client
// learns of the end.
func TestDrainOfAStubbornHandler(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		if w.major == 0 {
			continue
		}
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			began, release := make(chan bool), make(chan bool)
			defer close(release)
			stub, end := w.serveDraining(t, drain.NewHTTP(drain.Options{Grace: -1}), fake{ranges: func(context.Context, *msg) msgs {
				return func(func(*msg, error) bool) {
					began <- true
					<-release
				}
			}})
			ended := make(chan error, 1)
			go func() {
				_, err := numbers(stub.RangeSquare(within(t), num(1)))
				ended <- err
			}()
			<-began
			end()
			wantCode(t, <-ended, codes.Unavailable)
		})
	}
}
