package gohostconnect_test

import (
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/reflection"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost/gohostconnect"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// Services and stubs of protoc-gen-go-grpc work like ours: health and reflection.
func TestOtherGeneratedCode(t *testing.T) {
	t.Parallel()
	for _, w := range wires {
		t.Run(w.name, func(t *testing.T) {
			t.Parallel()
			state := health.NewServer()
			s := w.serve(t, func(r grpc.ServiceRegistrar) {
				healthpb.RegisterHealthServer(r, state)
				squares.RegisterSquareService(r, squarer)
				reflection.Register(r.(*gohostconnect.Registrar))
			})
			checkHealth(t, s, state)
			client, err := reflectionpb.NewServerReflectionClient(s.conn).ServerReflectionInfo(within(t))
			if err == nil {
				_ = client.Send(&reflectionpb.ServerReflectionRequest{MessageRequest: &reflectionpb.ServerReflectionRequest_ListServices{}})
				var res *reflectionpb.ServerReflectionResponse
				if res, err = client.Recv(); err == nil {
					if n := len(res.GetListServicesResponse().GetService()); n != 4 {
						t.Errorf("reflection tells of %d services, want 4", n)
					}
					_ = client.CloseSend()
				}
			}
			if want := map[bool]codes.Code{true: codes.OK, false: codes.Unimplemented}[w.bidi()]; status.Code(err) != want {
				t.Errorf("reflection: %v", err)
			}
		})
	}
}

func checkHealth(t *testing.T, s served, state *health.Server) {
	t.Helper()
	client := healthpb.NewHealthClient(s.conn)
	if res, err := client.Check(within(t), &healthpb.HealthCheckRequest{}); err != nil || res.GetStatus() != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("Check: %v, %v", res, err)
	}
	watch, err := client.Watch(within(t), &healthpb.HealthCheckRequest{})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []healthpb.HealthCheckResponse_ServingStatus{healthpb.HealthCheckResponse_SERVING, healthpb.HealthCheckResponse_NOT_SERVING} {
		if res, err := watch.Recv(); err != nil || res.GetStatus() != want {
			t.Errorf("Watch: %v, %v", res, err)
		}
		state.Shutdown()
	}
}

// A wrong registration fails when it is made.
func TestWrongRegistrations(t *testing.T) {
	t.Parallel()
	for name, register := range map[string]func(grpc.ServiceRegistrar){
		"another type": func(r grpc.ServiceRegistrar) { r.RegisterService(&healthpb.Health_ServiceDesc, 5) },
		"nil":          func(r grpc.ServiceRegistrar) { squares.RegisterSquareService(r, nil) },
		"twice": func(r grpc.ServiceRegistrar) {
			squares.RegisterSquareService(r, squarer)
			squares.RegisterSquareService(r, squarer)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			defer func() {
				if recover() == nil {
					t.Error("there is no panic")
				}
			}()
			wires[0].serve(t, register)
		})
	}
}
