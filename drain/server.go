package drain

import (
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"

	"github.com/gohostrpc/gohost/internal/await"
)

// Options are the options of [NewServer]. The zero Options are ready for use.
type Options struct {
	// LameDuck is how long the server goes on as before when it is to end, after
	// Health has said so. It is for proxies and balancers that look at the health
	// now and then: give them twice their interval. Zero means none.
	LameDuck time.Duration

	// Grace is how long calls may go on when they have been asked to end. Zero
	// means ten seconds, and less than zero means no grace.
	Grace time.Duration

	// MaxAge is how long a stream may be open before it is asked to end. It has a
	// jitter of ±10 %, so that streams opened together do not end together. Zero
	// means no limit. Unary calls have no age.
	MaxAge time.Duration

	// Health is the health service of the server, if it has one. It says
	// NOT_SERVING of everything as soon as the server is to end.
	Health *health.Server
}

// defaultGrace is how long calls may go on unless Options.Grace says otherwise.
const defaultGrace = 10 * time.Second

func (o Options) withDefaults() Options {
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	return o
}

// announce says that the server is to end, and waits until that has been heard.
func (o Options) announce() {
	if o.Health != nil {
		o.Health.Shutdown()
	}
	time.Sleep(o.LameDuck)
}

// How long the end of a server may take beyond what Options say.
const (
	goAwayWithin   = 250 * time.Millisecond // until handshakes are over, and again until GOAWAY is on the wire everywhere
	handlersWithin = 100 * time.Millisecond // until handlers have ended with their contexts
	flushWithin    = 500 * time.Millisecond // until the ends of all calls are on the wire
	stopWithin     = 100 * time.Millisecond // until connections are closed
)

// Server is a grpc.Server that ends as the package's documentation says. It is
// made by [NewServer]. All methods of grpc.Server are its own, so that services
// are registered with it. Of those that end it, Stop is what it is for any
// server, and GracefulStop waits for streams for ever: let the context of Serve
// end instead.
type Server struct {
	*grpc.Server
	calls calls
	conns conns
	ended sync.Once
}

// NewServer returns a server without services, which uses creds for its
// connections; nil is those of package insecure. serverOpts are options as for
// grpc.NewServer. Do not give grpc.Creds among them: they would replace creds,
// and the server could not see when its clients have been told of its end.
//
// The interceptors of the server are around those of serverOpts.
func NewServer(creds credentials.TransportCredentials, opts Options, serverOpts ...grpc.ServerOption) *Server {
	if creds == nil {
		creds = insecure.NewCredentials()
	}
	s := &Server{calls: calls{opts: opts.withDefaults()}}
	s.Server = grpc.NewServer(append([]grpc.ServerOption{
		grpc.Creds(watching{creds, &s.conns}),
		grpc.ChainUnaryInterceptor(s.calls.unary),
		grpc.ChainStreamInterceptor(s.calls.stream),
	}, serverOpts...)...)
	return s
}

// Serve accepts connections until ctx ends, then ends the server in good order,
// and returns nil. That takes LameDuck and Grace, and about a second beyond at
// most; it is earlier when all calls have ended. If the listener fails before, Serve
// returns its error, and calls that are open go on.
//
// Serve may be called for several listeners concurrently; the first context that
// ends is the end of the server, and all of the calls return then. The
// listeners are closed when they do. After the end Serve returns nil.
func (s *Server) Serve(ctx context.Context, listener net.Listener) error {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		s.ended.Do(s.end)
	})
	served := make(chan error, 1)
	go func() { served <- s.Server.Serve(listener) }()
	select {
	case err := <-served:
		if stop() {
			if errors.Is(err, grpc.ErrServerStopped) {
				return nil
			}
			return err
		}
		<-ended
	case <-ended: // Serve of grpc waits for handlers that ignore their contexts
	}
	return nil
}

// end ends the server.
func (s *Server) end() {
	s.calls.opts.announce()
	graceful := make(chan struct{})
	go func() {
		defer close(graceful)
		s.GracefulStop()
	}()
	s.conns.awaitGoAway(graceful)
	if s.calls.end(graceful) || len(s.conns.all()) == 0 {
		return // what is left are handlers that ignore their contexts
	}
	// GracefulStop waits for such handlers when the connections are closed, and
	// Stop for GracefulStop.
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.Stop()
	}()
	await.Within(stopped, stopWithin)
}
