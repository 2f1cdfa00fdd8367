// Package call calls generated stubs of real APIs.
package call

import (
	"context"
	"errors"
	"iter"
	"net"
	"testing"

	etcd "go.etcd.io/etcd/api/v3/etcdserverpb"
	"go.etcd.io/etcd/api/v3/mvccpb"
	trace "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"cases.example/go.etcd.io/etcd/api/v3/etcdserverpb/etcdserverpbrpc"
	tracerpc "cases.example/go.opentelemetry.io/proto/otlp/collector/trace/v1/v1rpc"
)

// watcher answers each request to watch a key with an event for it.
type watcher struct {
	etcdserverpbrpc.UnimplementedWatch
}

func (watcher) Watch(_ context.Context, reqs iter.Seq2[*etcd.WatchRequest, error]) iter.Seq2[*etcd.WatchResponse, error] {
	return func(yield func(*etcd.WatchResponse, error) bool) {
		for req, err := range reqs {
			if err != nil {
				yield(nil, err)
				return
			}
			event := &mvccpb.Event{Kv: &mvccpb.KeyValue{Key: req.GetCreateRequest().GetKey()}}
			if !yield(&etcd.WatchResponse{Events: []*mvccpb.Event{event}}, nil) {
				return
			}
		}
	}
}

type collector struct {
	tracerpc.UnimplementedTraceService
}

func (collector) Export(context.Context, *trace.ExportTraceServiceRequest) (*trace.ExportTraceServiceResponse, error) {
	return &trace.ExportTraceServiceResponse{PartialSuccess: &trace.ExportTracePartialSuccess{RejectedSpans: 7}}, nil
}

func dial(t *testing.T) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer()
	etcdserverpbrpc.RegisterWatch(server, watcher{})
	tracerpc.RegisterTraceService(server, collector{})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	conn, err := grpc.NewClient("passthrough:bufconn", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		server.Stop()
		if err := errors.Join(conn.Close(), <-served); err != nil {
			t.Error(err)
		}
	})
	return conn
}

func watch(key string) *etcd.WatchRequest {
	return &etcd.WatchRequest{RequestUnion: &etcd.WatchRequest_CreateRequest{CreateRequest: &etcd.WatchCreateRequest{Key: []byte(key)}}}
}

func TestBidi(t *testing.T) {
	conn := dial(t)
	requests := func(yield func(*etcd.WatchRequest, error) bool) {
		_ = yield(watch("a"), nil) && yield(watch("b"), nil)
	}
	got := ""
	for res, err := range etcdserverpbrpc.NewWatchStub(conn).Watch(t.Context(), requests) {
		if err != nil {
			t.Fatal(err)
		}
		got += string(res.GetEvents()[0].GetKv().GetKey())
	}
	if got != "ab" {
		t.Errorf("events for %q, want ab", got)
	}
}

// The client in etcd's own module calls our server.
func TestTheirClient(t *testing.T) {
	stream, err := etcd.NewWatchClient(dial(t)).Watch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Send(watch("c")); err != nil {
		t.Fatal(err)
	}
	res, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	if key := string(res.GetEvents()[0].GetKv().GetKey()); key != "c" {
		t.Errorf("an event for %q, want c", key)
	}
}

func TestUnary(t *testing.T) {
	res, err := tracerpc.NewTraceServiceStub(dial(t)).Export(t.Context(), new(trace.ExportTraceServiceRequest))
	if err != nil || res.GetPartialSuccess().GetRejectedSpans() != 7 {
		t.Errorf("Export = %v, %v", res, err)
	}
}
