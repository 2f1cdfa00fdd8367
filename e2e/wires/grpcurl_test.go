package wires

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// grpcurl makes calls over gRPC, and learns the services from reflection.
type grpcurl struct {
	program, addr string
	args          []string
}

// builtGrpcurl is the program, which is built once.
var builtGrpcurl struct {
	sync.Once
	path string
	err  error
}

func newGrpcurl(t *testing.T, server target) grpcurl {
	t.Helper()
	builtGrpcurl.Do(func() {
		var out []byte
		if out, builtGrpcurl.err = exec.Command("go", "tool", "-n", "github.com/fullstorydev/grpcurl/cmd/grpcurl").Output(); builtGrpcurl.err == nil {
			builtGrpcurl.path = filepath.Clean(strings.TrimSpace(string(out)))
		}
	})
	if builtGrpcurl.err != nil {
		t.Fatal(builtGrpcurl.err)
	}
	g := grpcurl{program: builtGrpcurl.path, addr: server.addr, args: []string{"-plaintext"}}
	if server.cert != nil {
		g.args = []string{"-cacert", server.cert.Cert}
	}
	return g
}

// call makes a call. write sends the requests, and got is called for each answer until
// it returns false.
func (g grpcurl) call(ctx context.Context, method string, write func(context.Context, io.WriteCloser), res proto.Message, got func() bool, more ...string) error {
	p, err := g.start(ctx, method, append(more, "-format-error")...)
	if err != nil {
		return err
	}
	writing, stop := context.WithCancel(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		write(writing, p.in)
	}()
	defer func() {
		stop()
		<-written
	}()
	answers := json.NewDecoder(p.out)
	for {
		var data json.RawMessage
		if err := answers.Decode(&data); errors.Is(err, io.EOF) {
			return p.failed()
		} else if err != nil {
			p.leave()
			return err
		}
		if err := protojson.Unmarshal(data, res); err != nil {
			p.leave()
			return err
		}
		if !got() {
			p.leave()
			return nil
		}
	}
}

func (g grpcurl) start(ctx context.Context, method string, more ...string) (*process, error) {
	args := append(append([]string{}, g.args...), more...)
	md, _ := metadata.FromOutgoingContext(ctx)
	for key, values := range md {
		for _, v := range values {
			if strings.HasSuffix(key, "-bin") {
				v = base64.StdEncoding.EncodeToString([]byte(v))
			}
			args = append(args, "-H", key+": "+v)
		}
	}
	if deadline, ok := ctx.Deadline(); ok {
		args = append(args, "-max-time", fmt.Sprint(time.Until(deadline).Seconds()))
	}
	return startProcess(ctx, g.program, append(args, "-d", "@", g.addr, strings.TrimPrefix(method, "/"))...)
}

// failed returns the status of a call that has ended.
func (p *process) failed() error {
	err := p.end()
	if err == nil || errors.As(err, new(failure)) {
		return err
	}
	var s status.Status
	if json := p.errs.Bytes(); protojson.Unmarshal(json, &s) != nil {
		return fmt.Errorf("%w: %s", err, json)
	}
	f := failure{code: codes.Code(s.GetCode()), message: s.GetMessage()}
	for _, d := range s.GetDetails() {
		if m, err := d.UnmarshalNew(); err == nil {
			f.details = append(f.details, m)
		}
	}
	return f
}

func always() bool { return true }

func (g grpcurl) square(ctx context.Context, host string, n float64) (float64, error) {
	var more []string
	if host != "" {
		more = append(more, "-authority", host)
	}
	var res squares.Message
	err := g.call(ctx, squares.SquareService_Square_Method, encode(writeJSON).one(number(n)), &res, always, more...)
	return res.GetMessage(), err
}

func (g grpcurl) rangeSquare(ctx context.Context, n float64, got func(float64) bool) error {
	var res squares.Message
	return g.call(ctx, squares.SquareService_RangeSquare_Method, encode(writeJSON).one(number(n)), &res, func() bool { return got(res.GetMessage()) })
}

func (g grpcurl) sumSquare(ctx context.Context, reqs iter.Seq[float64]) (float64, error) {
	var res squares.Message
	err := g.call(ctx, squares.SquareService_SumSquare_Method, encode(writeJSON).all(reqs), &res, always)
	return res.GetMessage(), err
}

func (g grpcurl) chat(ctx context.Context, first float64, count int) ([]float64, error) {
	chat := newChat(first)
	err := g.call(ctx, squares.SquareService_StreamrangeSquare_Method, chat.requests(writeJSON, count), &chat.res, chat.got)
	return chat.answers, err
}

func (g grpcurl) multiply(ctx context.Context, a, b int32) (int32, error) {
	var res calculator.ResultReply
	err := g.call(ctx, calculator.Cal_Multiply_Method, encode(writeJSON).one(&calculator.MultiplyRequest{Number1: a, Number2: b}), &res, always)
	return res.GetNumber(), err
}

func (g grpcurl) hello(ctx context.Context, name string) (ends, error) {
	return g.greet(ctx, greeter.Greeter_SayHello_Method, name, always)
}

func (g grpcurl) helloStream(ctx context.Context, name string, got func() bool) (ends, error) {
	return g.greet(ctx, greeter.Greeter_SayHelloStreamReply_Method, name, got)
}

// greet asks for the metadata if there is any.
func (g grpcurl) greet(ctx context.Context, method, name string, got func() bool) (ends, error) {
	req := encode(writeJSON).one(&greeter.HelloRequest{Name: name})
	if md, _ := metadata.FromOutgoingContext(ctx); md["echo-text"] == nil {
		return ends{}, g.call(ctx, method, req, new(greeter.HelloReply), got)
	}
	p, err := g.start(ctx, method, "-v")
	if err != nil {
		return ends{}, err
	}
	req(ctx, p.in)
	out, err := io.ReadAll(p.out)
	if err != nil {
		return ends{}, err
	}
	return ends{section(string(out), "Response headers"), section(string(out), "Response trailers")}, p.failed()
}

// section returns the metadata that grpcurl prints under a heading.
func section(out, heading string) metadata.MD {
	md := metadata.MD{}
	_, rest, _ := strings.Cut(out, heading+" received:\n")
	for line := range strings.Lines(rest) {
		key, value, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			break
		}
		addBinary(md, key, []string{value})
	}
	return md
}

func (grpcurl) failureOf(err error) failure { return failureOfProgram(err) }
