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

// Options are the options of [NewServer] and [NewHTTP]. The zero Options are ready to use.
type Options struct {
	// LameDuck is how long the server continues to work after Health has said that
	// it ends. It is for proxies and balancers that check the health periodically:
	// give them twice their interval. Zero or less means none.
	LameDuck time.Duration

	// Grace is how long calls may continue after they have been asked to end. Zero
	// means ten seconds, and less than zero means no grace.
	Grace time.Duration

	// MaxAge is how long a stream may be open before it is asked to end. It has a
	// jitter of ±10 %, so that streams opened together do not end together. Zero or
	// less means no limit. Unary calls have no age limit.
	MaxAge time.Duration

	// Health is the health service of the server. It says NOT_SERVING for everything as
	// soon as the server begins to end. Nil means that there is none. The caller
	// registers it with the server.
	Health *health.Server
}

// defaultGrace is how long calls may continue unless Options.Grace says otherwise.
const defaultGrace = 10 * time.Second

func (o Options) withDefaults() Options {
	if o.Grace == 0 {
		o.Grace = defaultGrace
	}
	return o
}

// announce says that the server ends, and waits until clients have noticed.
func (o Options) announce() {
	if o.Health != nil {
		o.Health.Shutdown()
	}
	time.Sleep(o.LameDuck)
}

// These are the limits for the end of a server beyond the times in Options.
const (
	goAwayWithin   = 250 * time.Millisecond // until handshakes are over, and again until GOAWAY is on the wire everywhere
	handlersWithin = 100 * time.Millisecond // until handlers have ended with their contexts
	flushWithin    = 500 * time.Millisecond // until the ends of all calls are on the wire
	stopWithin     = 100 * time.Millisecond // until connections are closed
)

// Server is a [grpc.Server] that ends as the package's documentation says. [NewServer]
// makes it. It has all methods of grpc.Server, so services are registered with it. Its
// Stop works as in any server. Its GracefulStop waits for streams, perhaps for ever: end
// the context of [Server.Serve] instead.
type Server struct {
	*grpc.Server
	calls calls
	conns conns
	ended sync.Once
}

// NewServer returns a server without services, which uses creds for its connections; nil
// means those of package [google.golang.org/grpc/credentials/insecure]. serverOpts are
// options as for [grpc.NewServer]. They must not include [grpc.Creds]: it would replace
// creds, and the server could not see when its clients have been told of its end.
//
// The server's own interceptors run before those in serverOpts, which see the contexts
// that [Done] and [Context] need.
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

// Serve accepts connections until ctx ends. Then it ends the server in an orderly way
// and returns nil. That takes LameDuck and Grace, and at most about a second more. It is
// shorter if all calls have ended. A handler that ignores its context continues as a
// goroutine after that, but its client has had the end of the call. Serve closes the
// listener. If the listener fails before, Serve returns its error, and open calls
// continue.
//
// Serve may be called for several listeners concurrently. The first context that ends
// ends the server, and then all of these calls return, and the listeners are closed.
// After the end Serve returns nil.
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
		return // only handlers that ignore their contexts are left
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
