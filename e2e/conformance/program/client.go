package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
)

// parallel is how many calls are made in parallel: many of them only wait.
const parallel = 16

// call makes the calls that the requests from in describe, until there are no more.
func call(ctx context.Context, in io.Reader, out io.Writer) error {
	var (
		calls  sync.WaitGroup
		places = make(chan struct{}, parallel)
		mu     sync.Mutex // of out and failed
		failed error
	)
	connections := newConnections()
	for ctx.Err() == nil {
		req := new(pb.ClientCompatRequest)
		if err := readMessage(in, req); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return err
		}
		places <- struct{}{}
		calls.Go(func() {
			defer func() { <-places }()
			res := result(ctx, connections, req)
			mu.Lock()
			defer mu.Unlock()
			failed = errors.Join(failed, writeMessage(out, res))
		})
	}
	calls.Wait()
	return failed
}

// result is the result of a call.
func result(ctx context.Context, connections *connections, req *pb.ClientCompatRequest) *pb.ClientCompatResponse {
	res := &pb.ClientCompatResponse{TestName: req.GetTestName()}
	c, err := newCaller(ctx, connections, req)
	if err == nil {
		defer c.cancel()
		err = c.call()
	}
	if err != nil {
		res.Result = &pb.ClientCompatResponse_Error{Error: &pb.ClientErrorResult{Message: err.Error()}}
		return res
	}
	res.Result = &pb.ClientCompatResponse_Response{Response: c.response()}
	return res
}

// call makes the call. It returns an error if the request is invalid.
func (c *caller) call() error {
	if service := c.req.GetService(); service != pb.ConformanceServiceName {
		return fmt.Errorf("no service %q", service)
	}
	switch c.req.GetMethod() {
	case "Unary":
		return unary(c, c.stub.Unary)
	case "IdempotentUnary":
		return unary(c, c.stub.IdempotentUnary)
	case "Unimplemented":
		return unary(c, func(ctx context.Context, req *pb.UnimplementedRequest) (noPayload, error) {
			_, err := c.stub.Unimplemented(ctx, req)
			return noPayload{}, err
		})
	case "ServerStream":
		return serverStream(c)
	case "ClientStream":
		return clientStream(c)
	case "BidiStream":
		if c.req.GetStreamType() == pb.StreamType_STREAM_TYPE_FULL_DUPLEX_BIDI_STREAM {
			return fullDuplex(c)
		}
		return halfDuplex(c)
	}
	return fmt.Errorf("no method %q", c.req.GetMethod())
}

// noPayload is the response of the unimplemented method.
type noPayload struct{}

func (noPayload) GetPayload() *pb.ConformancePayload { return nil }
