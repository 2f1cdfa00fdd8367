package main

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
	"github.com/gohostrpc/gohost/stream"
)

// service does what the requests ask for, and answers with what it sees of them. Its
// method Unimplemented stays unimplemented.
type service struct {
	pb.UnimplementedConformanceService
}

func (service) Unary(ctx context.Context, req *pb.UnaryRequest) (*pb.UnaryResponse, error) {
	p, err := answer(ctx, req.GetResponseDefinition(), req)
	return &pb.UnaryResponse{Payload: p}, err
}

func (service) IdempotentUnary(ctx context.Context, req *pb.IdempotentUnaryRequest) (*pb.IdempotentUnaryResponse, error) {
	p, err := answer(ctx, req.GetResponseDefinition(), req)
	return &pb.IdempotentUnaryResponse{Payload: p}, err
}

func (service) ClientStream(ctx context.Context, reqs iter.Seq2[*pb.ClientStreamRequest, error]) (*pb.ClientStreamResponse, error) {
	var got []proto.Message
	var def *pb.UnaryResponseDefinition
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		if got == nil {
			def = req.GetResponseDefinition()
		}
		got = append(got, req)
	}
	p, err := answer(ctx, def, got...)
	return &pb.ClientStreamResponse{Payload: p}, err
}

func (service) ServerStream(ctx context.Context, req *pb.ServerStreamRequest) iter.Seq2[*pb.ServerStreamResponse, error] {
	return func(yield func(*pb.ServerStreamResponse, error) bool) {
		a := answers{ctx: ctx, def: req.GetResponseDefinition(), reqs: []proto.Message{req}}
		if err := a.begin(); err != nil {
			yield(nil, err)
			return
		}
		for p, err := range a.rest() {
			if !yield(&pb.ServerStreamResponse{Payload: p}, err) {
				return
			}
		}
	}
}

func (service) BidiStream(ctx context.Context, reqs iter.Seq2[*pb.BidiStreamRequest, error]) iter.Seq2[*pb.BidiStreamResponse, error] {
	respond := func(p *pb.ConformancePayload) (*pb.BidiStreamResponse, error) {
		return &pb.BidiStreamResponse{Payload: p}, nil
	}
	return stream.Map(conversation(ctx, reqs), respond)
}

// conversation returns the answers to reqs: one by one or after all of them, as the
// first request says.
func conversation(ctx context.Context, reqs iter.Seq2[*pb.BidiStreamRequest, error]) iter.Seq2[*pb.ConformancePayload, error] {
	return func(yield func(*pb.ConformancePayload, error) bool) {
		a := answers{ctx: ctx}
		first, oneByOne := true, false
		for req, err := range reqs {
			if err != nil {
				yield(nil, err)
				return
			}
			a.reqs = append(a.reqs, req)
			if first {
				first = false
				a.def, oneByOne = req.GetResponseDefinition(), req.GetFullDuplex()
				if err := a.begin(); err != nil {
					yield(nil, err)
					return
				}
			}
			if !oneByOne {
				continue
			}
			if a.sent == len(a.def.GetResponseData()) {
				break // only the error is left
			}
			if !yield(a.next()) {
				return
			}
			a.reqs = nil
		}
		for p, err := range a.rest() {
			if !yield(p, err) {
				return
			}
		}
	}
}

// answer returns the response of a call with one response, to reqs.
func answer(ctx context.Context, def *pb.UnaryResponseDefinition, reqs ...proto.Message) (*pb.ConformancePayload, error) {
	info, err := infoOf(ctx, reqs)
	if err != nil {
		return nil, err
	}
	if err := grpc.SetHeader(ctx, metadataOf(def.GetResponseHeaders())); err != nil {
		return nil, err
	}
	if err := grpc.SetTrailer(ctx, metadataOf(def.GetResponseTrailers())); err != nil {
		return nil, err
	}
	if err := wait(ctx, def.GetResponseDelayMs()); err != nil {
		return nil, err
	}
	if e := def.GetError(); e != nil {
		return nil, withInfo(e, info)
	}
	return &pb.ConformancePayload{Data: def.GetResponseData(), RequestInfo: info}, nil
}

// answers are the responses of a call with many.
type answers struct {
	ctx  context.Context //nolint:containedctx // it is that of one call
	def  *pb.StreamResponseDefinition
	reqs []proto.Message // since the last answer
	sent int
}

// begin sends the header if messages follow, and sets the trailer.
func (a *answers) begin() error {
	if err := grpc.SetTrailer(a.ctx, metadataOf(a.def.GetResponseTrailers())); err != nil {
		return err
	}
	header := metadataOf(a.def.GetResponseHeaders())
	if len(a.def.GetResponseData()) > 0 {
		return grpc.SendHeader(a.ctx, header)
	}
	return grpc.SetHeader(a.ctx, header)
}

// next returns the next answer after its delay.
func (a *answers) next() (*pb.ConformancePayload, error) {
	p := &pb.ConformancePayload{Data: a.def.GetResponseData()[a.sent]}
	var err error
	switch {
	case a.sent == 0:
		p.RequestInfo, err = infoOf(a.ctx, a.reqs)
	case len(a.reqs) > 0:
		p.RequestInfo = new(pb.ConformancePayload_RequestInfo)
		p.RequestInfo.Requests, err = anysOf(a.reqs)
	}
	if err != nil {
		return nil, err
	}
	a.sent++
	return p, wait(a.ctx, a.def.GetResponseDelayMs())
}

// rest returns the remaining answers and the error.
func (a *answers) rest() iter.Seq2[*pb.ConformancePayload, error] {
	return stream.Generate(func(send func(*pb.ConformancePayload) error) error {
		for a.sent < len(a.def.GetResponseData()) {
			if a.sent > 0 {
				a.reqs = nil
			}
			p, err := a.next()
			if err != nil {
				return err
			}
			if err := send(p); err != nil {
				return err
			}
		}
		e := a.def.GetError()
		if e == nil {
			return nil
		}
		if a.sent > 0 {
			return statusOf(e)
		}
		info, err := infoOf(a.ctx, a.reqs)
		if err != nil {
			return err
		}
		return withInfo(e, info)
	})
}

// withInfo returns e as an error of a handler, with info as a detail.
func withInfo(e *pb.Error, info *pb.ConformancePayload_RequestInfo) error {
	detail, err := anypb.New(info)
	if err != nil {
		return err
	}
	e = proto.CloneOf(e)
	e.Details = append(e.Details, detail)
	return statusOf(e)
}

// wait waits, until ctx ends.
func wait(ctx context.Context, ms uint32) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Duration(ms) * time.Millisecond):
		return nil
	}
}

// infoOf returns what a handler sees of its call.
func infoOf(ctx context.Context, reqs []proto.Message) (*pb.ConformancePayload_RequestInfo, error) {
	md, _ := metadata.FromIncomingContext(ctx)
	info := &pb.ConformancePayload_RequestInfo{RequestHeaders: headersOf(md)}
	if deadline, ok := ctx.Deadline(); ok {
		info.TimeoutMs = proto.Int64(time.Until(deadline).Milliseconds())
	}
	if query, ok := ctx.Value(queryKey{}).(url.Values); ok {
		info.ConnectGetInfo = new(pb.ConformancePayload_ConnectGetInfo)
		for name, values := range query {
			info.ConnectGetInfo.QueryParams = append(info.ConnectGetInfo.QueryParams, &pb.Header{Name: name, Value: values})
		}
	}
	var err error
	info.Requests, err = anysOf(reqs)
	return info, err
}

func anysOf(msgs []proto.Message) ([]*anypb.Any, error) {
	var anys []*anypb.Any
	for _, m := range msgs {
		a, err := anypb.New(m)
		if err != nil {
			return nil, err
		}
		anys = append(anys, a)
	}
	return anys, nil
}

// queryKey is the key of the query in the context of a GET request.
type queryKey struct{}

// withQuery lets the handlers of next see the query of a GET request.
func withQuery(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			r = r.WithContext(context.WithValue(r.Context(), queryKey{}, r.URL.Query()))
		}
		next.ServeHTTP(w, r)
	})
}
