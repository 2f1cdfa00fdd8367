package program

import (
	"context"
	"net"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/drain"
)

// server is a drain.Server with its listener.
type server struct {
	*drain.Server
	*options
	listener net.Listener
}

func (p Program) start(ctx context.Context, o *options) (Server, error) {
	if p.Start != nil {
		return p.Start(Setup{Addr: o.addr, Grace: o.grace, Log: o.log})
	}
	return p.listen(ctx, o)
}

// listen prepares the server. It returns all errors that the options can cause.
func (p Program) listen(ctx context.Context, o *options) (*server, error) {
	creds, err := o.serverCredentials()
	if err != nil {
		return nil, err
	}
	// Calls for a host that the service does not declare are refused.
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		return nil, err
	}
	register, err := p.Serve(ctx, o.log)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return nil, err
	}
	s := drain.NewServer(creds, drain.Options{Grace: o.grace},
		grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream))
	register(s)
	o.log.Printf("listening on %s (%s)", listener.Addr(), creds.Info().SecurityProtocol)
	return &server{s, o, listener}, nil
}

func (s *server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends, and then stops the server gracefully: open calls may
// continue as long as the options allow.
func (s *server) Run(ctx context.Context) error {
	if err := s.Serve(ctx, s.listener); err != nil {
		return err
	}
	s.log.Print("ended")
	return nil
}
