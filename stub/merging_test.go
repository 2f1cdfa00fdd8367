package stub_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/internal/synctest"
	"github.com/gohostrpc/gohost/stream"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// merging is a codec that merges what it decodes into the message, like those
// of vtprotobuf and of JSON.
type merging struct{}

func (merging) Name() string                  { return "merging" }
func (merging) Marshal(v any) ([]byte, error) { return proto.Marshal(v.(proto.Message)) }
func (merging) Unmarshal(data []byte, v any) error {
	return proto.UnmarshalOptions{Merge: true}.Unmarshal(data, v.(proto.Message))
}

// A field that a message does not set must not keep the value of the message
// before.
func TestAReusedMessageHasNothingOfTheOneBefore(t *testing.T) {
	t.Parallel()
	want := []float64{5, 0, 3}
	opts := options{
		server: []grpc.ServerOption{grpc.ForceServerCodec(merging{})},
		dial:   []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.ForceCodec(merging{}))},
	}
	roles := func(yield func(*msg, error) bool) { _ = yield(num(5), nil) && yield(num(0), nil) && yield(num(3), nil) }
	check := func(t *testing.T, seq msgs) {
		t.Helper()
		got, err := collect(seq)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("messages (%v) (-want +got):\n%s", err, diff)
		}
	}
	for kind, open := range loops {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				check(t, open(t.Context(), start(t, responding(roles), opts).stub.With(stream.ReuseMessages())))
			})
		})
	}
	for kind, handle := range handlers {
		t.Run("requests/"+kind, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				o := opts
				o.register = func(r grpc.ServiceRegistrar) {
					squares.RegisterSquareService(stream.ReuseRequests(r), handle(func(_ context.Context, reqs msgs) (*msg, error) {
						check(t, reqs)
						return num(1), nil
					}))
				}
				if err := senders[kind](t.Context(), start(t, nil, o).stub, roles); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
