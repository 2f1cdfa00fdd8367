package main

import (
	"context"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
	"github.com/gohostrpc/gohost/gohostconnect"
)

// caller makes one call, and records its results.
type caller struct {
	ctx    context.Context //nolint:containedctx // it is that of one call
	cancel context.CancelFunc
	req    *pb.ClientCompatRequest
	stub   pb.ConformanceServiceStub

	header, trailer metadata.MD
	payloads        []*pb.ConformancePayload
	err             error
	unsent          atomic.Int32
}

// newCaller returns a caller. Its cancel must be called.
func newCaller(ctx context.Context, connections *connections, req *pb.ClientCompatRequest) (*caller, error) {
	transport, err := connections.transport(req)
	if err != nil {
		return nil, err
	}
	c := &caller{req: req}
	opts := []grpc.CallOption{grpc.Header(&c.header), grpc.Trailer(&c.trailer)}
	if limit := req.GetMessageReceiveLimit(); limit > 0 {
		opts = append(opts, grpc.MaxCallRecvMsgSize(int(limit)))
	}
	compressor, err := compressorOf(req.GetCompression())
	if err != nil {
		return nil, err
	}
	if compressor != nil {
		opts = append(opts, grpc.UseCompressor(compressor.Name()))
	}
	c.stub = pb.NewConformanceServiceStub(gohostconnect.NewConn(transport)).With(opts...)
	ctx = metadata.NewOutgoingContext(ctx, metadataOf(req.GetRequestHeaders()))
	if req.TimeoutMs == nil {
		c.ctx, c.cancel = context.WithCancel(ctx)
	} else {
		c.ctx, c.cancel = context.WithTimeout(ctx, time.Duration(req.GetTimeoutMs())*time.Millisecond)
	}
	return c, nil
}

// received records a response.
func (c *caller) received(res interface{ GetPayload() *pb.ConformancePayload }) {
	p := res.GetPayload()
	if p == nil {
		p = new(pb.ConformancePayload)
	}
	c.payloads = append(c.payloads, p)
	cancel, ok := c.req.GetCancel().GetCancelTiming().(*pb.ClientCompatRequest_Cancel_AfterNumResponses)
	if ok && len(c.payloads) == int(cancel.AfterNumResponses) {
		c.cancel()
	}
}

// sent records that all requests have been sent, and that the half-close is next.
func (c *caller) sent() {
	cancel := c.req.GetCancel()
	if cancel == nil {
		return
	}
	switch timing := cancel.GetCancelTiming().(type) {
	case *pb.ClientCompatRequest_Cancel_BeforeCloseSend:
		c.cancel()
	case *pb.ClientCompatRequest_Cancel_AfterCloseSendMs:
		time.AfterFunc(time.Duration(timing.AfterCloseSendMs)*time.Millisecond, c.cancel)
	case nil:
		time.AfterFunc(0, c.cancel)
	}
}

// response returns the result of the call.
func (c *caller) response() *pb.ClientResponseResult {
	return &pb.ClientResponseResult{
		ResponseHeaders:   headersOf(c.header),
		ResponseTrailers:  headersOf(c.trailer),
		Payloads:          c.payloads,
		Error:             errorOf(c.err),
		NumUnsentRequests: c.unsent.Load(),
	}
}
