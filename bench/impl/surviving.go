package impl

import (
	"context"
	"iter"
	"net"
	"time"

	"google.golang.org/grpc/credentials/insecure"

	"github.com/gohostrpc/gohost/bench/benchpb"
	"github.com/gohostrpc/gohost/drain"
	"github.com/gohostrpc/gohost/stream"
)

// The cost of streams that survive the end of a server, compared with Gohost. Resume is
// Gohost with a client that ranges over response streams through stream.Resume. Drain
// is Resume on a server of package drain, whose streams have a maximum age. Again is
// Gohost: comparing it with itself shows how much runs differ.
var (
	Resume = Impl{"resume", startResume}
	Drain  = Impl{"drain", startDrain}
	Again  = Impl{"gohost-again", Gohost.Start}
)

// resumeClient has no Upload, PingPong and Unary of its own: these have no stream of
// responses to resume.
type resumeClient struct{ gohostClient }

func startResume() (Client, func(), error) {
	c, stop, err := Setting{}.startGohost(false)
	if err != nil {
		return nil, nil, err
	}
	return resumeClient{c.(gohostClient)}, stop, nil
}

func (c resumeClient) Download(ctx context.Context, count, size int, got func()) error {
	order := &benchpb.Order{Count: int64(count), Size: int64(size)}
	return c.all(ctx, func(ctx context.Context, _ int) iter.Seq2[*benchpb.Message, error] {
		return c.stub.Download(ctx, order)
	}, got)
}

func (c resumeClient) Chat(ctx context.Context, count int, next func() *benchpb.Message, got func()) error {
	return c.all(ctx, func(ctx context.Context, _ int) iter.Seq2[*benchpb.Message, error] {
		return c.stub.Chat(ctx, repeat(count, next))
	}, got)
}

// all ranges over what open opens.
func (c resumeClient) all(ctx context.Context, open func(context.Context, int) iter.Seq2[*benchpb.Message, error], got func()) error {
	position := func(msg *benchpb.Message) int { return len(msg.GetData()) } // any value will do
	for _, err := range stream.Resume(ctx, open, position) {
		if err != nil {
			return err
		}
		got()
	}
	return nil
}

func startDrain() (Client, func(), error) {
	server := drain.NewServer(insecure.NewCredentials(), drain.Options{MaxAge: 24 * time.Hour})
	benchpb.RegisterBench(server, drainServer{})
	ctx, end := context.WithCancel(context.Background())
	cc, stop, err := serveBy(func(lis net.Listener) error { return server.Serve(ctx, lis) }, func() {
		server.Stop()
		end()
	})
	if err != nil {
		end()
		return nil, nil, err
	}
	bench := benchpb.NewBenchStub(cc)
	return gohostClient{bench, bench}, stop, nil
}

// drainServer checks whether the server stops, at the places where it waits.
type drainServer struct{ gohostServer }

func (s drainServer) Download(ctx context.Context, order *benchpb.Order) iter.Seq2[*benchpb.Message, error] {
	if order.GetCount() >= 0 {
		return s.gohostServer.Download(ctx, order)
	}
	return func(yield func(*benchpb.Message, error) bool) {
		if !yield(&benchpb.Message{Data: make([]byte, order.GetSize())}, nil) {
			return
		}
		select {
		case <-ctx.Done():
		case <-drain.Done(ctx):
			yield(nil, drain.ErrReopen)
		}
	}
}
