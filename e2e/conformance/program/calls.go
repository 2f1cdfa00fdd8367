package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	"google.golang.org/protobuf/proto"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
	"github.com/gohostrpc/gohost/stream"
)

// answered is a response.
type answered interface{ GetPayload() *pb.ConformancePayload }

// messages returns the request's messages.
func messages[M proto.Message](c *caller) ([]M, error) {
	var msgs []M
	for _, a := range c.req.GetRequestMessages() {
		m, err := a.UnmarshalNew()
		if err != nil {
			return nil, err
		}
		msg, ok := m.(M)
		if !ok {
			return nil, fmt.Errorf("a message is %T", m)
		}
		msgs = append(msgs, msg)
	}
	return msgs, nil
}

// message returns the request's message.
func message[M proto.Message](c *caller) (M, error) {
	msgs, err := messages[M](c)
	if err == nil && len(msgs) != 1 {
		err = fmt.Errorf("%d messages", len(msgs))
	}
	if err != nil {
		return *new(M), err
	}
	return msgs[0], nil
}

// requests yields the messages of a call with many requests.
func requests[M proto.Message](c *caller, msgs []M) iter.Seq2[M, error] {
	return func(yield func(M, error) bool) {
		for i, m := range msgs {
			c.pause()
			if !yield(m, nil) {
				c.unsent.Store(int32(len(msgs) - i))
				return
			}
		}
		c.sent()
	}
}

// pause is the time between requests.
func (c *caller) pause() { time.Sleep(time.Duration(c.req.GetRequestDelayMs()) * time.Millisecond) }

func unary[Req proto.Message, Res answered](c *caller, method func(context.Context, Req) (Res, error)) error {
	req, err := message[Req](c)
	if err != nil {
		return err
	}
	c.sent()
	res, err := method(c.ctx, req)
	if c.err = err; err == nil {
		c.received(res)
	}
	return nil
}

func clientStream(c *caller) error {
	msgs, err := messages[*pb.ClientStreamRequest](c)
	if err != nil {
		return err
	}
	res, err := c.stub.ClientStream(c.ctx, requests(c, msgs))
	if c.err = err; err == nil {
		c.received(res)
	}
	return nil
}

func serverStream(c *caller) error {
	req, err := message[*pb.ServerStreamRequest](c)
	if err != nil {
		return err
	}
	c.sent()
	receive(c, c.stub.ServerStream(c.ctx, req))
	return nil
}

func halfDuplex(c *caller) error {
	msgs, err := messages[*pb.BidiStreamRequest](c)
	if err != nil {
		return err
	}
	receive(c, c.stub.BidiStream(c.ctx, requests(c, msgs)))
	return nil
}

// fullDuplex sends each request when the response to the previous one has arrived.
func fullDuplex(c *caller) error {
	msgs, err := messages[*pb.BidiStreamRequest](c)
	if err != nil {
		return err
	}
	chat := stream.Open(c.ctx, c.stub.BidiStream)
	defer chat.Close()
	for i, m := range msgs {
		c.pause()
		if chat.Send(m) != nil {
			c.unsent.Store(int32(len(msgs) - i))
			break
		}
		res, err := chat.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			c.err = err
			c.unsent.Store(int32(len(msgs) - i - 1))
			return nil
		}
		c.received(res)
	}
	c.sent()
	chat.CloseSend()
	receive(c, chat.Responses())
	return nil
}

// receive ranges over all responses.
func receive[Res answered](c *caller, responses iter.Seq2[Res, error]) {
	for res, err := range responses {
		if err != nil {
			c.err = err
			return
		}
		c.received(res)
	}
}
