package fakes

import (
	"context"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/gohostrpc/gohost/testdata/squares"
)

// priced says in the header how much a call costs.
type priced struct {
	squares.UnimplementedSquareService
}

func (priced) Square(ctx context.Context, req *squares.Message) (*squares.Message, error) {
	if err := grpc.SetHeader(ctx, metadata.Pairs("cost", "1")); err != nil {
		return nil, err
	}
	return &squares.Message{Message: req.GetMessage() * req.GetMessage()}, nil
}

// recorded is a server's stream that only records the metadata.
type recorded struct{ header, trailer metadata.MD }

func (r *recorded) Method() string { return squares.SquareService_Square_Method }
func (r *recorded) SetHeader(md metadata.MD) error {
	r.header = metadata.Join(r.header, md)
	return nil
}
func (r *recorded) SendHeader(md metadata.MD) error { return r.SetHeader(md) }
func (r *recorded) SetTrailer(md metadata.MD) error {
	r.trailer = metadata.Join(r.trailer, md)
	return nil
}

func TestHeader(t *testing.T) {
	t.Parallel()
	call := new(recorded)
	ctx := grpc.NewContextWithServerTransportStream(t.Context(), call)
	if _, err := (priced{}).Square(ctx, &squares.Message{Message: 3}); err != nil {
		t.Fatal(err)
	}
	if got := call.header.Get("cost"); len(got) != 1 || got[0] != "1" {
		t.Errorf("header cost = %q, want 1", got)
	}
}

// Without a stream in its context the handler fails.
func TestHeaderWithoutAStream(t *testing.T) {
	t.Parallel()
	if _, err := (priced{}).Square(t.Context(), &squares.Message{Message: 3}); err == nil {
		t.Error("the handler has set a header without a stream")
	}
}
