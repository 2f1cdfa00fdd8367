package gohost_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// half is an implementation that leaves some methods to Unimplemented….
type half struct {
	*squares.UnimplementedSquareService
}

func (half) Square(context.Context, *squares.Message) (*squares.Message, error) {
	return new(squares.Message), nil
}

// deepHalf embeds it one level deeper.
type deepHalf struct{ *half }

// broken are implementations whose calls would end the process.
var broken = map[string]struct {
	impl squares.SquareService
	want string
}{
	"nil":            {nil, "service squarerpc_service.SquareService: the implementation is nil"},
	"nil pointer":    {(*server)(nil), "service squarerpc_service.SquareService: the implementation is a nil *gohost_test.server: register a value, such as &gohost_test.server{}"},
	"by nil pointer": {&half{}, "service squarerpc_service.SquareService: *gohost_test.half embeds squares.UnimplementedSquareService by a nil pointer: embed it by value, without *"},
	"deeper":         {deepHalf{&half{}}, "service squarerpc_service.SquareService: gohost_test.deepHalf embeds squares.UnimplementedSquareService by a nil pointer: embed it by value, without *"},
}

// panicOf returns the text that f panics with, or "".
func panicOf(f func()) (text string) {
	defer func() {
		if r := recover(); r != nil {
			text = fmt.Sprint(r)
		}
	}()
	f()
	return ""
}

// A generated Register function panics, like those of protoc-gen-go-grpc.
func TestRegisterPanicsAtABrokenImplementation(t *testing.T) {
	t.Parallel()
	for name, test := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grpc.NewServer()
			if got := panicOf(func() { squares.RegisterSquareService(s, test.impl) }); got != "gohost: "+test.want {
				t.Errorf("panic with %q, want %q", got, "gohost: "+test.want)
			}
			if info := s.GetServiceInfo(); len(info) > 0 {
				t.Errorf("%v is registered", info)
			}
		})
	}
}

// A Mux collects the errors, as always.
func TestMuxRefusesABrokenImplementation(t *testing.T) {
	t.Parallel()
	for name, test := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for at, registrar := range map[string]func(*gohost.Mux) grpc.ServiceRegistrar{
				"Mux":     func(m *gohost.Mux) grpc.ServiceRegistrar { return m },
				"Host":    func(m *gohost.Mux) grpc.ServiceRegistrar { return m.Host("a.example") },
				"Default": func(m *gohost.Mux) grpc.ServiceRegistrar { return m.Default() },
				"reusing": func(m *gohost.Mux) grpc.ServiceRegistrar { return stream.ReuseRequests(m.Host("a.example")) },
			} {
				mux := new(gohost.Mux)
				feed.RegisterRedisStream(mux, feed.UnimplementedRedisStream{})
				squares.RegisterSquareService(registrar(mux), test.impl)
				s := grpc.NewServer()
				if err := mux.Mount(s); err == nil || !strings.Contains(err.Error(), test.want) {
					t.Errorf("%s: error = %v, want one with %s", at, err, test.want)
				}
				if info := s.GetServiceInfo(); len(info) > 0 {
					t.Errorf("%s: %v is registered in spite of the error", at, info)
				}
			}
		})
	}
}

// It also checks code of protoc-gen-go-grpc.
func TestMuxRefusesABrokenImplementationOfOtherCode(t *testing.T) {
	t.Parallel()
	mux := new(gohost.Mux)
	mux.RegisterService(&healthpb.Health_ServiceDesc, struct {
		*healthpb.UnimplementedHealthServer
	}{})
	const want = "embeds grpc_health_v1.UnimplementedHealthServer by a nil pointer"
	if err := mux.Mount(grpc.NewServer()); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("error = %v, want one with %s", err, want)
	}
}

// partial is a fake: it has the methods that a test needs, and embeds a nil
// interface.
type partial struct{ squares.SquareService }

func (partial) Square(context.Context, *squares.Message) (*squares.Message, error) {
	return &squares.Message{Message: 7}, nil
}

// A fake that embeds the interface itself may be registered.
func TestAPartialFakeIsRegistered(t *testing.T) {
	t.Parallel()
	mux := new(gohost.Mux)
	squares.RegisterSquareService(mux.Host("mux.example"), partial{})
	for name, register := range map[string]func(grpc.ServiceRegistrar){
		"server": func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, partial{}) },
		"Mux":    registerMux(t, mux),
	} {
		stub := squares.NewSquareServiceStub(inmemory.Connect(t, register)).With(grpc.CallAuthority("mux.example"))
		res, err := stub.Square(t.Context(), new(squares.Message))
		if err != nil || res.GetMessage() != 7 {
			t.Errorf("%s: %v, %v; want 7", name, res, err)
		}
	}
}

// A service that is registered after Mount would not be served. Register
// panics, and reflection, which asks the Mux, does not show the service.
func TestMuxPanicsAtARegistrationAfterMount(t *testing.T) {
	t.Parallel()
	mux := new(gohost.Mux)
	squares.RegisterSquareService(mux.Host("a.example"), &server{number: 1})
	early := mux.Host("b.example")
	s := grpc.NewServer()
	registerMux(t, mux)(s)
	registerMux(t, mux)(grpc.NewServer()) // another server is welcome
	for name, registrar := range map[string]grpc.ServiceRegistrar{
		"Mux": mux, "Host": mux.Host("c.example"), "Host of before": early, "Default": mux.Default(),
	} {
		for service, register := range map[string]func(grpc.ServiceRegistrar){
			squares.SquareServiceName: func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, &server{number: 2}) },
			feed.RedisStreamName:      func(r grpc.ServiceRegistrar) { feed.RegisterRedisStream(r, feed.UnimplementedRedisStream{}) },
			"grpc.health.v1.Health":   func(r grpc.ServiceRegistrar) { healthpb.RegisterHealthServer(r, health.NewServer()) },
		} {
			want := "gohost.Mux: service " + service + " is registered after Mount, too late to be served"
			if got := panicOf(func() { register(registrar) }); got != want {
				t.Errorf("%s: panic with %q, want %q", name, got, want)
			}
		}
	}
	for name, info := range map[string]map[string]grpc.ServiceInfo{
		"Mux": mux.GetServiceInfo(), "server": s.GetServiceInfo(), "a.example": mux.Host("a.example").GetServiceInfo(),
	} {
		if _, ok := info[squares.SquareServiceName]; !ok || len(info) != 1 {
			t.Errorf("%s: services %v, want those of before", name, info)
		}
	}
	for _, name := range []string{"b.example", "c.example"} {
		if info := mux.Host(name).GetServiceInfo(); len(info) > 0 {
			t.Errorf("%s: services %v, want none", name, info)
		}
	}
}

// A failed Mount has registered nothing: the error says what is wrong, each
// time.
func TestMuxAfterAFailedMount(t *testing.T) {
	t.Parallel()
	mux := new(gohost.Mux)
	mux.Host()
	for range 2 {
		s := grpc.NewServer()
		if err := mux.Mount(s); err == nil {
			t.Error("Register has lost its error")
		}
		squares.RegisterSquareService(mux, &server{})
		if info := s.GetServiceInfo(); len(info) > 0 {
			t.Errorf("%v is registered", info)
		}
	}
}
