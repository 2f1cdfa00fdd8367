package interop

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"time"

	orcapb "github.com/cncf/xds/go/xds/data/orca/v3"
	orcaservicepb "github.com/cncf/xds/go/xds/service/orca/v3"
	"github.com/google/go-cmp/cmp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"google.golang.org/protobuf/types/known/durationpb"

	testservice "github.com/gohostrpc/gohost/e2e/interop/stubs/grpc_testinggohost"
	orcaservice "github.com/gohostrpc/gohost/e2e/interop/stubs/v3gohost"
	"github.com/gohostrpc/gohost/stream"
)

// The metadata keys of the suite.
var (
	requestSizes  = []int{27182, 8, 1828, 45904}
	responseSizes = []int{31415, 9, 2653, 58979}
)

const (
	largeRequest  = 271828
	largeResponse = 314159
)

// client is the input of a case.
type client struct {
	testservice.TestServiceStub
	conn *grpc.ClientConn
	dial func() (*grpc.ClientConn, error)
}

// cases are the cases that grpc-go's interop_test.sh runs, in its order.
var cases = []struct {
	name string
	run  func(context.Context, client) error
}{
	{"empty_unary", emptyUnary},
	{"large_unary", largeUnary},
	{"client_streaming", clientStreaming},
	{"server_streaming", serverStreaming},
	{"ping_pong", pingPong},
	{"empty_stream", emptyStream},
	{"timeout_on_sleeping_server", timeoutOnSleepingServer},
	{"cancel_after_begin", cancelAfterBegin},
	{"cancel_after_first_response", cancelAfterFirstResponse},
	{"status_code_and_message", statusCodeAndMessage},
	{"special_status_message", specialStatusMessage},
	{"custom_metadata", customMetadata},
	{"unimplemented_method", unimplementedMethod},
	{"unimplemented_service", unimplementedService},
	{"orca_per_rpc", orcaPerRPC},
	{"orca_oob", orcaOutOfBand},
	{"rpc_soak", rpcSoak},
	{"channel_soak", channelSoak},
}

func zeros(size int) *testpb.Payload { return &testpb.Payload{Body: make([]byte, size)} }

// wantZeros checks that p is a payload of size zeros.
func wantZeros(p *testpb.Payload, size int) error {
	if p.GetType() != testpb.PayloadType_COMPRESSABLE || !bytes.Equal(p.GetBody(), make([]byte, size)) {
		return fmt.Errorf("got %v with %d bytes, want %d zeros", p.GetType(), len(p.GetBody()), size)
	}
	return nil
}

func wantError(err error, code codes.Code) error {
	if err == io.EOF || status.Code(err) != code {
		return fmt.Errorf("got the error %w, want the code %v", err, code)
	}
	return nil
}

func emptyUnary(ctx context.Context, c client) error {
	res, err := c.EmptyCall(ctx, new(testpb.Empty))
	if err == nil && !proto.Equal(res, new(testpb.Empty)) {
		err = fmt.Errorf("got %v, want an empty message", res)
	}
	return err
}

func largeUnary(ctx context.Context, c client) error {
	res, err := c.UnaryCall(ctx, &testpb.SimpleRequest{ResponseSize: largeResponse, Payload: zeros(largeRequest)})
	if err != nil {
		return err
	}
	return wantZeros(res.GetPayload(), largeResponse)
}

func clientStreaming(ctx context.Context, c client) error {
	sum := int32(0)
	res, err := c.StreamingInputCall(ctx, func(yield func(*testpb.StreamingInputCallRequest, error) bool) {
		for _, size := range requestSizes {
			sum += int32(size)
			if !yield(&testpb.StreamingInputCallRequest{Payload: zeros(size)}, nil) {
				return
			}
		}
	})
	if err == nil && res.GetAggregatedPayloadSize() != sum {
		err = fmt.Errorf("got the size %d, want %d", res.GetAggregatedPayloadSize(), sum)
	}
	return err
}

func serverStreaming(ctx context.Context, c client) error {
	req := new(testpb.StreamingOutputCallRequest)
	for _, size := range responseSizes {
		req.ResponseParameters = append(req.ResponseParameters, &testpb.ResponseParameters{Size: int32(size)})
	}
	n := 0
	for res, err := range c.StreamingOutputCall(ctx, req) {
		if err != nil {
			return err
		}
		if n == len(responseSizes) {
			return errors.New("too many responses")
		}
		if err := wantZeros(res.GetPayload(), responseSizes[n]); err != nil {
			return err
		}
		n++
	}
	if n != len(responseSizes) {
		return fmt.Errorf("%d responses, want %d", n, len(responseSizes))
	}
	return nil
}

// ask is a request for one response.
func ask(size, response int) *testpb.StreamingOutputCallRequest {
	return &testpb.StreamingOutputCallRequest{
		ResponseParameters: []*testpb.ResponseParameters{{Size: int32(response)}},
		Payload:            zeros(size),
	}
}

func pingPong(ctx context.Context, c client) error {
	chat := stream.Open(ctx, c.FullDuplexCall)
	defer chat.Close()
	for i := range requestSizes {
		if err := chat.Send(ask(requestSizes[i], responseSizes[i])); err != nil {
			return err
		}
		res, err := chat.Recv()
		if err != nil {
			return err
		}
		if err := wantZeros(res.GetPayload(), responseSizes[i]); err != nil {
			return err
		}
	}
	chat.CloseSend()
	if _, err := chat.Recv(); err != io.EOF {
		return fmt.Errorf("got the error %w, want io.EOF", err)
	}
	return nil
}

func emptyStream(ctx context.Context, c client) error {
	all, err := stream.Collect(c.FullDuplexCall(ctx, stream.Of[*testpb.StreamingOutputCallRequest]()))
	if err == nil && len(all) != 0 {
		err = fmt.Errorf("%d responses, want none", len(all))
	}
	return err
}

func timeoutOnSleepingServer(ctx context.Context, c client) error {
	ctx, cancel := context.WithTimeout(ctx, time.Millisecond)
	defer cancel()
	_, err := stream.Collect(c.FullDuplexCall(ctx, func(yield func(*testpb.StreamingOutputCallRequest, error) bool) {
		yield(&testpb.StreamingOutputCallRequest{Payload: zeros(27182)}, nil)
		<-ctx.Done()
	}))
	return wantError(err, codes.DeadlineExceeded)
}

func cancelAfterBegin(ctx context.Context, c client) error {
	ctx, cancel := context.WithCancel(metadata.AppendToOutgoingContext(ctx, "key1", "value1", "key2", "value2"))
	_, err := c.StreamingInputCall(ctx, func(func(*testpb.StreamingInputCallRequest, error) bool) { cancel() })
	return wantError(err, codes.Canceled)
}

func cancelAfterFirstResponse(ctx context.Context, c client) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	n, reqs := 0, func(yield func(*testpb.StreamingOutputCallRequest, error) bool) {
		yield(ask(27182, 31415), nil)
		<-ctx.Done()
	}
	for _, err := range c.FullDuplexCall(ctx, reqs) {
		if err != nil {
			return errors.Join(wantCount(n, 1), wantError(err, codes.Canceled))
		}
		n++
		cancel()
	}
	return errors.New("the call succeeds, want an error")
}

func wantCount(got, want int) error {
	if got != want {
		return fmt.Errorf("%d responses, want %d", got, want)
	}
	return nil
}

// wantAsked checks that err is the status that the request has asked for.
func wantAsked(err error, want *testpb.EchoStatus) error {
	s := status.Convert(err)
	if int32(s.Code()) != want.GetCode() || s.Message() != want.GetMessage() {
		return fmt.Errorf("got the error %w, want %v", err, want)
	}
	return nil
}

func statusCodeAndMessage(ctx context.Context, c client) error {
	want := &testpb.EchoStatus{Code: 2, Message: "test status message"}
	_, err := c.UnaryCall(ctx, &testpb.SimpleRequest{ResponseStatus: want})
	if err := wantAsked(err, want); err != nil {
		return err
	}
	_, err = stream.Collect(c.FullDuplexCall(ctx, stream.Of(&testpb.StreamingOutputCallRequest{ResponseStatus: want})))
	return wantAsked(err, want)
}

func specialStatusMessage(ctx context.Context, c client) error {
	want := &testpb.EchoStatus{Code: 2, Message: "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈\t\n"}
	_, err := c.UnaryCall(ctx, &testpb.SimpleRequest{ResponseStatus: want})
	return wantAsked(err, want)
}

func customMetadata(ctx context.Context, c client) error {
	const header, trailer = "test_initial_metadata_value", "\x0a\x0b\x0a\x0b\x0a\x0b"
	ctx = metadata.AppendToOutgoingContext(ctx, echoHeader, header, echoTrailer, trailer)
	for kind, call := range map[string]func(testservice.TestServiceStub) error{
		"unary": func(s testservice.TestServiceStub) error {
			_, err := s.UnaryCall(ctx, &testpb.SimpleRequest{ResponseSize: 1, Payload: zeros(1)})
			return err
		},
		"full duplex": func(s testservice.TestServiceStub) error {
			_, err := stream.Collect(s.FullDuplexCall(ctx, stream.Of(ask(1, 1))))
			return err
		},
	} {
		var gotHeader, gotTrailer metadata.MD
		if err := call(c.With(grpc.Header(&gotHeader), grpc.Trailer(&gotTrailer))); err != nil {
			return err
		}
		if diff := cmp.Diff([]string{header, trailer}, append(gotHeader.Get(echoHeader), gotTrailer.Get(echoTrailer)...)); diff != "" {
			return fmt.Errorf("%s: header and trailer (-want +got):\n%s", kind, diff)
		}
	}
	return nil
}

func unimplementedMethod(ctx context.Context, c client) error {
	_, err := c.UnimplementedCall(ctx, new(testpb.Empty))
	return wantError(err, codes.Unimplemented)
}

func unimplementedService(ctx context.Context, c client) error {
	_, err := testservice.NewUnimplementedServiceStub(c.conn).UnimplementedCall(ctx, new(testpb.Empty))
	return wantError(err, codes.Unimplemented)
}

// orcaPerRPC checks the report where grpc puts it, in the trailer.
func orcaPerRPC(ctx context.Context, c client) error {
	var trailer metadata.MD
	_, err := c.With(grpc.Trailer(&trailer)).UnaryCall(ctx, &testpb.SimpleRequest{OrcaPerQueryReport: &testpb.TestOrcaReport{
		CpuUtilization:    0.8210,
		MemoryUtilization: 0.5847,
		RequestCost:       map[string]float64{"cost": 3456.32},
		Utilization:       map[string]float64{"util": 0.30499},
	}})
	if err != nil {
		return err
	}
	want := &orcapb.OrcaLoadReport{
		CpuUtilization: 0.8210,
		MemUtilization: 0.5847,
		RequestCost:    map[string]float64{"cost": 3456.32},
		Utilization:    map[string]float64{"util": 0.30499},
	}
	values := trailer.Get("endpoint-load-metrics-bin")
	if len(values) != 1 {
		return fmt.Errorf("%d load reports in the trailer, want 1", len(values))
	}
	got := new(orcapb.OrcaLoadReport)
	if err := proto.Unmarshal([]byte(values[0]), got); err != nil {
		return err
	}
	if diff := cmp.Diff(want, got, protocmp.Transform()); diff != "" {
		return fmt.Errorf("load report (-want +got):\n%s", diff)
	}
	return nil
}

// orcaOutOfBand sets the server's metrics twice, and watches the stream of reports
// until they appear.
func orcaOutOfBand(ctx context.Context, c client) error {
	ctx, cancel := context.WithTimeout(ctx, 30*time.Second)
	defer cancel()
	chat := stream.Open(ctx, c.FullDuplexCall)
	defer chat.Close()
	next, stop := iter.Pull2(orcaservice.NewOpenRcaServiceStub(c.conn).StreamCoreMetrics(ctx,
		&orcaservicepb.OrcaLoadReportRequest{ReportInterval: durationpb.New(time.Second)}))
	defer stop()
	for _, set := range []*testpb.TestOrcaReport{
		{CpuUtilization: 0.8210, MemoryUtilization: 0.5847, Utilization: map[string]float64{"util": 0.30499}},
		{CpuUtilization: 0.29309, MemoryUtilization: 0.2, Utilization: map[string]float64{"util": 0.2039}},
	} {
		req := ask(0, 1)
		req.OrcaOobReport = set
		if err := chat.Send(req); err != nil {
			return err
		}
		if _, err := chat.Recv(); err != nil {
			return err
		}
		want := &orcapb.OrcaLoadReport{
			CpuUtilization: set.GetCpuUtilization(),
			MemUtilization: set.GetMemoryUtilization(),
			Utilization:    set.GetUtilization(),
		}
		for {
			got, err, ok := next()
			if err != nil || !ok {
				return fmt.Errorf("the reports ended before %v: %w", want, err)
			}
			if proto.Equal(got, want) {
				break
			}
		}
	}
	return nil
}

const soaks = 10

func rpcSoak(ctx context.Context, c client) error {
	for range soaks {
		if err := largeUnary(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

func channelSoak(ctx context.Context, c client) error {
	for range soaks {
		conn, err := c.dial()
		if err != nil {
			return err
		}
		err = largeUnary(ctx, client{TestServiceStub: testservice.NewTestServiceStub(conn)})
		if err := errors.Join(err, conn.Close()); err != nil {
			return err
		}
	}
	return nil
}
