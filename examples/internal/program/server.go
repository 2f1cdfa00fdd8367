package program

import (
	"context"
	"log"
	"net"
	"time"

	"google.golang.org/grpc"

	"github.com/gohostrpc/gohost"
)

// server is a server that listens.
type server struct {
	*options
	listener net.Listener
	grpc     *grpc.Server
	end      func()
}

func (p Program) start(o *options) (Server, error) {
	if p.Start != nil {
		return p.Start(Setup{Addr: o.addr, Grace: o.grace, Log: o.log})
	}
	return p.listen(o)
}

// listen makes the server. All that can be wrong with it is found out here.
func (p Program) listen(o *options) (*server, error) {
	creds, err := o.serverCredentials()
	if err != nil {
		return nil, err
	}
	// Calls for a host that the service does not declare are refused.
	check, err := gohost.NewHostCheck(gohost.CheckEnforce)
	if err != nil {
		return nil, err
	}
	service, err := p.Serve(o.log)
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return nil, err
	}
	s := &server{
		options:  o,
		listener: listener,
		grpc: grpc.NewServer(grpc.Creds(creds),
			grpc.ChainUnaryInterceptor(check.Unary), grpc.ChainStreamInterceptor(check.Stream)),
		end: service.End,
	}
	service.Register(s.grpc)
	o.log.Printf("listening on %s (%s)", listener.Addr(), creds.Info().SecurityProtocol)
	return s, nil
}

func (s *server) Addr() string { return s.listener.Addr().String() }

// Run serves until ctx ends, and then ends the server: calls that are under way
// end by themselves, for as long as the options allow.
func (s *server) Run(ctx context.Context) error {
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(ended)
		if s.end != nil {
			s.end()
		}
		End(s.grpc, s.grace, s.log)
	})
	err := s.grpc.Serve(s.listener)
	if stop() {
		return err // of the listener: nobody has asked for an end
	}
	<-ended // Serve returns when the end begins
	s.log.Print("ended")
	return nil
}

// End ends a server. Calls that are under way may go on for as long as grace.
func End(server *grpc.Server, grace time.Duration, logs *log.Logger) {
	late := time.AfterFunc(grace, func() {
		logs.Printf("ending the streams that are still open after %v", grace)
		server.Stop()
	})
	defer late.Stop()
	server.GracefulStop()
}
