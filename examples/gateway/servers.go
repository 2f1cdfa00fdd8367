package main

import (
	"cmp"
	"context"
	"errors"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/examples/gateway/gatewaypb"
	"github.com/gohostrpc/gohost/examples/internal/program"
	"github.com/gohostrpc/gohost/gateway"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// backendKey is the header with the name of the backend.
const backendKey = "backend"

// servers are the backends and the proxy in front of them.
type servers struct {
	program.Setup
	proxy    proxy
	end      context.CancelFunc // of the backends
	backends sync.WaitGroup
	conn     *grpc.ClientConn // of the gateway
}

// proxy is a reverse proxy that routes by host.
type proxy interface {
	// addr is the address at which it listens.
	addr() string
	// ended is closed when the proxy has ended by itself.
	ended() <-chan struct{}
	// stop ends it, and returns how many connections clients have made to it.
	stop() (connections int, err error)
}

// start starts a backend for each host, and the proxy in front of them.
func start(name string, setup program.Setup) (program.Server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s := &servers{Setup: setup, end: cancel}
	if err := s.start(ctx, name); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *servers) start(ctx context.Context, name string) error {
	startProxy, err := proxyOf(name)
	if err != nil {
		return err
	}
	addr, err := fixed(s.Setup.Addr)
	if err != nil {
		return err
	}
	// The gateway calls square.example over one connection, which also goes to the proxy.
	s.conn, err = grpc.NewClient(addr, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	routes := make(map[string]string)
	for host, register := range map[string]func(grpc.ServiceRegistrar){
		squares.SquareServiceHost: func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, squareServer{}) },
		feed.RedisStreamHost:      func(r grpc.ServiceRegistrar) { feed.RegisterRedisStream(r, feedServer{}) },
		greeterHost:               func(r grpc.ServiceRegistrar) { greeter.RegisterGreeter(r, greeterServer{}) },
		// The gateway in one line: its own stub implements the service. It does not
		// know which backend answers.
		gatewaypb.GatewayHost: func(r grpc.ServiceRegistrar) {
			squares.RegisterSquareService(r, squares.NewSquareServiceStub(gateway.Conn(s.conn, gateway.Withhold(backendKey))))
		},
	} {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return err
		}
		routes[host] = listener.Addr().String()
		s.serve(ctx, listener, host, register)
	}
	s.proxy, err = startProxy(addr, routes)
	if err != nil {
		return err
	}
	if err := s.await(); err != nil {
		return err
	}
	for host, backend := range routes {
		s.Log.Printf("%s is at %s", host, backend)
	}
	s.Log.Printf("listening on %s (%s)", addr, cmp.Or(name, "a proxy in this process"))
	return nil
}

// serve runs a backend that sends its name in the header, until ctx ends.
func (s *servers) serve(ctx context.Context, listener net.Listener, host string, register func(grpc.ServiceRegistrar)) {
	name := metadata.Pairs(backendKey, host)
	server := drain.NewServer(insecure.NewCredentials(), drain.Options{Grace: s.Grace},
		grpc.UnaryInterceptor(func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
			if err := grpc.SetHeader(ctx, name); err != nil {
				return nil, err
			}
			return handler(ctx, req)
		}),
		grpc.StreamInterceptor(func(srv any, ss grpc.ServerStream, _ *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
			if err := ss.SetHeader(name); err != nil {
				return err
			}
			return handler(srv, ss)
		}))
	register(server)
	s.backends.Add(1)
	go func() {
		defer s.backends.Done()
		if err := server.Serve(ctx, listener); err != nil {
			s.Log.Printf("%s: %v", host, err)
		}
	}()
}

// await returns when the proxy routes calls.
func (s *servers) await() error {
	service := squares.NewSquareServiceStub(s.conn).With(grpc.WaitForReady(true))
	for deadline := time.Now().Add(10 * time.Second); ; {
		ctx, cancel := context.WithDeadline(context.Background(), deadline)
		_, err := service.Square(ctx, number(1))
		cancel()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		select {
		case <-s.proxy.ended():
			return errProxyEnded
		case <-time.After(10 * time.Millisecond):
		}
	}
}

var errProxyEnded = errors.New("the proxy has ended")

func (s *servers) Addr() string { return s.proxy.addr() }

// Run returns when ctx ends or the proxy has ended by itself.
func (s *servers) Run(ctx context.Context) error {
	var err error
	select {
	case <-ctx.Done():
	case <-s.proxy.ended():
		err = errProxyEnded
	}
	return errors.Join(err, s.stop())
}

// stop lets the calls end, and then ends the proxy.
func (s *servers) stop() error {
	s.end()
	s.backends.Wait()
	var err error
	if s.conn != nil {
		err = s.conn.Close()
	}
	if s.proxy == nil {
		return err
	}
	connections, stopErr := s.proxy.stop()
	s.Log.Printf("ended; clients have made %d connections to the proxy, one of them the gateway's", connections)
	return errors.Join(err, stopErr)
}

// fixed returns addr, with a free port instead of port 0.
func fixed(addr string) (string, error) {
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
