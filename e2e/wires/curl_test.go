package wires

import (
	"bufio"
	"context"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"net/textproto"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
	"github.com/gohostrpc/gohost/testdata/calculator"
	"github.com/gohostrpc/gohost/testdata/greeter"
	"github.com/gohostrpc/gohost/testdata/squares"
)

// curl makes calls with JSON and the Connect protocol.
type curl struct {
	program   string
	args      []string
	url, host string
}

func newCurl(t *testing.T, server target, major int) curl {
	t.Helper()
	c := curl{program: proc.Find(t, "curl", "apt-get install curl"), url: server.url(), host: server.host, args: []string{"--no-progress-meter", "--no-buffer", "--include"}}
	switch {
	case major == 1:
		c.args = append(c.args, "--http1.1")
	case server.cert == nil:
		c.args = append(c.args, "--http2-prior-knowledge")
	default:
		c.args = append(c.args, "--http2")
	}
	if server.cert != nil {
		c.args = append(c.args, "--cacert", server.cert.Cert)
	}
	return c
}

// curlCall is a running call.
type curlCall struct {
	*process
	res    *bufio.Reader
	status string
	header textproto.MIMEHeader
}

// start starts a call with the metadata and the deadline of ctx.
func (c curl) start(ctx context.Context, procedure, contentType string, more ...string) (*curlCall, error) {
	args := append(append([]string{}, c.args...), "-H", "Content-Type: "+contentType, c.url+procedure)
	if c.host != "" {
		args = append(args, "-H", "Host: "+c.host)
	}
	md, _ := metadata.FromOutgoingContext(ctx)
	for key, values := range md {
		for _, v := range values {
			if strings.HasSuffix(key, "-bin") {
				v = base64.RawStdEncoding.EncodeToString([]byte(v))
			}
			args = append(args, "-H", key+": "+v)
		}
	}
	if deadline, ok := ctx.Deadline(); ok {
		args = append(args, "-H", fmt.Sprint("Connect-Timeout-Ms: ", time.Until(deadline).Milliseconds()))
	}
	p, err := startProcess(ctx, c.program, append(args, more...)...)
	if err != nil {
		return nil, err
	}
	return &curlCall{process: p, res: bufio.NewReader(p.out)}, nil
}

// answer reads the beginning of the response.
func (c *curlCall) answer() error {
	lines := textproto.NewReader(c.res)
	var err error
	if c.status, err = lines.ReadLine(); err != nil {
		return c.ended(err)
	}
	c.header, err = lines.ReadMIMEHeader()
	return err
}

// ended returns why curl has ended before the response was complete.
func (c *curlCall) ended(err error) error {
	if err := c.end(); errors.As(err, new(failure)) {
		return err
	}
	if text, _, _ := strings.Cut(c.errs.String(), "\n"); text != "" {
		return errors.New(text)
	}
	return err
}

// unary makes a unary call.
func (c curl) unary(ctx context.Context, method string, req, res proto.Message) (ends, error) {
	call, err := c.start(ctx, method, "application/json", "--data-binary", "@-")
	if err != nil {
		return ends{}, err
	}
	if err := writeJSON(call.in, req); err != nil {
		return ends{}, err
	}
	_ = call.in.Close() // everything is written
	if err := call.answer(); err != nil {
		return ends{}, err
	}
	body, err := io.ReadAll(call.res)
	if err := errors.Join(err, call.end()); err != nil {
		return ends{}, err
	}
	if !strings.Contains(call.status, " 200") {
		return ends{}, jsonFailure(call.status, body)
	}
	header, trailer := metadata.MD{}, metadata.MD{}
	for key, values := range call.header {
		md := header
		if name, ok := strings.CutPrefix(key, "Trailer-"); ok {
			key, md = name, trailer
		}
		addBinary(md, key, values)
	}
	return ends{header, trailer}, protojson.Unmarshal(body, res)
}

// stream makes a call with frames. write sends the requests, and got is called for each
// answer until it returns false.
func (c curl) stream(ctx context.Context, method string, write func(context.Context, io.WriteCloser), res proto.Message, got func() bool) (ends, error) {
	call, err := c.start(ctx, method, "application/connect+json", "--upload-file", ".", "--request", "POST", "-H", "Expect:")
	if err != nil {
		return ends{}, err
	}
	writing, stop := context.WithCancel(ctx)
	written := make(chan struct{})
	go func() {
		defer close(written)
		write(writing, call.in)
	}()
	defer func() {
		stop()
		call.leave()
		<-written
	}()
	if err := call.answer(); err != nil {
		return ends{}, err
	}
	if !strings.Contains(call.status, " 200") {
		body, _ := io.ReadAll(call.res)
		return ends{}, jsonFailure(call.status, body)
	}
	header, trailer := metadata.MD{}, metadata.MD{}
	for key, values := range call.header {
		addBinary(header, key, values)
	}
	for {
		var head [5]byte
		if _, err := io.ReadFull(call.res, head[:]); err != nil {
			return ends{}, call.ended(err)
		}
		data := make([]byte, binary.BigEndian.Uint32(head[1:]))
		if _, err := io.ReadFull(call.res, data); err != nil {
			return ends{}, err
		}
		if head[0] == 2 {
			var end struct {
				Error    json.RawMessage
				Metadata map[string][]string
			}
			if err := json.Unmarshal(data, &end); err != nil {
				return ends{}, err
			}
			for key, values := range end.Metadata {
				addBinary(trailer, key, values)
			}
			if end.Error != nil {
				return ends{header, trailer}, jsonFailure(call.status, end.Error)
			}
			return ends{header, trailer}, nil
		}
		if err := protojson.Unmarshal(data, res); err != nil {
			return ends{}, err
		}
		if !got() {
			return ends{}, nil
		}
	}
}

func writeJSON(w io.Writer, m proto.Message) error {
	data, err := protojson.Marshal(m)
	if err == nil {
		_, err = w.Write(data)
	}
	return err
}

// writeFrame writes a message of a stream.
func writeFrame(w io.Writer, m proto.Message) error {
	data, err := protojson.Marshal(m)
	if err != nil {
		return err
	}
	_, err = w.Write(append(binary.BigEndian.AppendUint32([]byte{0}, uint32(len(data))), data...))
	return err
}

func addBinary(md metadata.MD, key string, values []string) {
	for _, v := range values {
		if strings.HasSuffix(strings.ToLower(key), "-bin") {
			if data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(v, "=")); err == nil {
				v = string(data)
			}
		}
		md.Append(key, v)
	}
}

// jsonFailure returns an error of the Connect protocol.
func jsonFailure(status string, data []byte) failure {
	var e struct {
		Code, Message string
		Details       []struct{ Type, Value string }
	}
	f := failure{code: codes.Unknown, message: status + " " + string(data)}
	if json.Unmarshal(data, &e) != nil {
		return f
	}
	name := strings.ReplaceAll(strings.ToUpper(e.Code), "CANCELED", "CANCELLED")
	if f.code.UnmarshalJSON([]byte(`"`+name+`"`)) != nil {
		return f
	}
	f.message = e.Message
	for _, d := range e.Details {
		value, err := base64.RawStdEncoding.DecodeString(d.Value)
		if err != nil {
			continue
		}
		if m, err := (&anypb.Any{TypeUrl: "type.googleapis.com/" + d.Type, Value: value}).UnmarshalNew(); err == nil {
			f.details = append(f.details, m)
		}
	}
	return f
}

func (c curl) square(ctx context.Context, host string, n float64) (float64, error) {
	if host != "" {
		c.host = host
	}
	var res squares.Message
	_, err := c.unary(ctx, squares.SquareService_Square_Method, number(n), &res)
	return res.GetMessage(), err
}

func (c curl) rangeSquare(ctx context.Context, n float64, got func(float64) bool) error {
	var res squares.Message
	_, err := c.stream(ctx, squares.SquareService_RangeSquare_Method, encode(writeFrame).one(number(n)), &res, func() bool { return got(res.GetMessage()) })
	return err
}

func (c curl) sumSquare(ctx context.Context, reqs iter.Seq[float64]) (float64, error) {
	var res squares.Message
	_, err := c.stream(ctx, squares.SquareService_SumSquare_Method, encode(writeFrame).all(reqs), &res, always)
	return res.GetMessage(), err
}

func (c curl) chat(ctx context.Context, first float64, count int) ([]float64, error) {
	chat := newChat(first)
	_, err := c.stream(ctx, squares.SquareService_StreamrangeSquare_Method, chat.requests(writeFrame, count), &chat.res, chat.got)
	return chat.answers, err
}

func (c curl) multiply(ctx context.Context, a, b int32) (int32, error) {
	var res calculator.ResultReply
	_, err := c.unary(ctx, calculator.Cal_Multiply_Method, &calculator.MultiplyRequest{Number1: a, Number2: b}, &res)
	return res.GetNumber(), err
}

func (c curl) hello(ctx context.Context, name string) (ends, error) {
	return c.unary(ctx, greeter.Greeter_SayHello_Method, &greeter.HelloRequest{Name: name}, new(greeter.HelloReply))
}

func (c curl) helloStream(ctx context.Context, name string, got func() bool) (ends, error) {
	return c.stream(ctx, greeter.Greeter_SayHelloStreamReply_Method, encode(writeFrame).one(&greeter.HelloRequest{Name: name}), new(greeter.HelloReply), got)
}

func (curl) failureOf(err error) failure { return failureOfProgram(err) }
