package gohost_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	"github.com/gohostrpc/gohost"
	"github.com/gohostrpc/gohost/internal/inmemory"
	"github.com/gohostrpc/gohost/testdata/feed"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// Reflection and health report what is mounted: for all hosts, and for one
// host.
func TestMuxReflection(t *testing.T) {
	t.Parallel()
	mux := new(gohost.Mux)
	squares.RegisterSquareService(mux.Host("a.example", "both.example"), &server{number: 1})
	feed.RegisterRedisStream(mux.Host("*.example"), feed.UnimplementedRedisStream{})
	for _, host := range []string{"a.example", "b.example"} {
		reflection.Register(mux.Host(host))
	}
	healthpb.RegisterHealthServer(mux.Default(), health.NewServer())
	conn := inmemory.Connect(t, registerMux(t, mux), mux.ServerOption())
	const v1, alpha = "grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"
	for host, want := range map[string][]string{
		"a.example": {feed.RedisStreamName, "grpc.health.v1.Health", v1, alpha, squares.SquareServiceName},
		"b.example": {feed.RedisStreamName, "grpc.health.v1.Health", v1, alpha},
	} {
		got, err := reflected(t.Context(), gohost.Conn(conn, host))
		slices.Sort(want)
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: services %q, %v; want %q", host, got, err, want)
		}
	}
	if _, err := reflected(t.Context(), gohost.Conn(conn, "c.example")); err == nil {
		t.Error("reflection is served where it is not mounted")
	}
	all := slices.Sorted(maps.Keys(mux.GetServiceInfo()))
	if want := []string{feed.RedisStreamName, "grpc.health.v1.Health", v1, alpha, squares.SquareServiceName}; !slices.Equal(all, want) {
		t.Errorf("GetServiceInfo = %q, want %q", all, want)
	}
	if got := mux.GetServiceInfo()[squares.SquareServiceName]; len(got.Methods) != 4 || got.Metadata != squares.SquareServiceDesc.Metadata ||
		!got.Methods[3].IsClientStream || !got.Methods[3].IsServerStream {
		t.Errorf("info = %+v", got)
	}
	if _, err := healthpb.NewHealthClient(conn).Check(t.Context(), &healthpb.HealthCheckRequest{}); err != nil {
		t.Error(err)
	}
}

// Reflection of the whole server lists what is mounted, and has its files.
func TestReflectionOfAServerWithAMux(t *testing.T) {
	t.Parallel()
	mux := aMux()
	conn := inmemory.Connect(t, func(r grpc.ServiceRegistrar) {
		registerMux(t, mux)(r)
		reflection.Register(r.(*grpc.Server))
	})
	got, err := reflected(t.Context(), conn)
	if err != nil || !slices.Contains(got, squares.SquareServiceName) {
		t.Errorf("services %q, %v; want %s among them", got, err, squares.SquareServiceName)
	}
}

// reflected returns the names of the services that reflection lists, in order,
// and checks that it has the file of each.
func reflected(ctx context.Context, cc grpc.ClientConnInterface) (names []string, failure error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := reflectionpb.NewServerReflectionClient(cc).ServerReflectionInfo(ctx)
	if err != nil {
		return nil, err
	}
	ask := func(req *reflectionpb.ServerReflectionRequest) (*reflectionpb.ServerReflectionResponse, error) {
		if err := stream.Send(req); err != nil {
			return nil, err
		}
		return stream.Recv()
	}
	res, err := ask(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}})
	if err != nil {
		return nil, err
	}
	for _, s := range res.GetListServicesResponse().GetService() {
		names = append(names, s.GetName())
		res, err := ask(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_FileContainingSymbol{FileContainingSymbol: s.GetName()}})
		if err != nil || len(res.GetFileDescriptorResponse().GetFileDescriptorProto()) == 0 {
			failure = errors.Join(failure, fmt.Errorf("%s has no file: %w", s.GetName(), err))
		}
	}
	slices.Sort(names)
	return names, failure
}
