package interop

import (
	"context"
	"iter"
	"sync"
	"time"

	orcapb "github.com/cncf/xds/go/xds/data/orca/v3"
	orcaservicepb "github.com/cncf/xds/go/xds/service/orca/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	testpb "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/orca"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	testservice "github.com/gohostrpc/gohost/e2e/interop/stubs/grpc_testinggohost"
	"github.com/gohostrpc/gohost/stream"
)

const (
	echoHeader  = "x-grpc-test-echo-initial"
	echoTrailer = "x-grpc-test-echo-trailing-bin"
)

// service is the TestService of the suite.
type service struct {
	testservice.UnimplementedTestService
	metrics orca.ServerMetricsRecorder
	oob     sync.Mutex // held by the stream that sets metrics
}

func (*service) EmptyCall(context.Context, *testpb.Empty) (*testpb.Empty, error) {
	return new(testpb.Empty), nil
}

func (*service) UnaryCall(ctx context.Context, req *testpb.SimpleRequest) (*testpb.SimpleResponse, error) {
	if err := echoMetadata(ctx); err != nil {
		return nil, err
	}
	if err := asked(req.GetResponseStatus()); err != nil {
		return nil, err
	}
	payload, err := payload(req.GetResponseType(), req.GetResponseSize())
	if err != nil {
		return nil, err
	}
	if report := req.GetOrcaPerQueryReport(); report != nil {
		recorder := orca.CallMetricsRecorderFromContext(ctx)
		record(recorder, report)
		for name, cost := range report.GetRequestCost() {
			recorder.SetRequestCost(name, cost)
		}
	}
	return &testpb.SimpleResponse{Payload: payload}, nil
}

func (*service) StreamingOutputCall(ctx context.Context, req *testpb.StreamingOutputCallRequest) iter.Seq2[*testpb.StreamingOutputCallResponse, error] {
	return stream.Generate(func(send func(*testpb.StreamingOutputCallResponse) error) error {
		return respond(ctx, req, send)
	})
}

func (*service) StreamingInputCall(_ context.Context, reqs iter.Seq2[*testpb.StreamingInputCallRequest, error]) (*testpb.StreamingInputCallResponse, error) {
	res := new(testpb.StreamingInputCallResponse)
	for req, err := range reqs {
		if err != nil {
			return nil, err
		}
		res.AggregatedPayloadSize += int32(len(req.GetPayload().GetBody()))
	}
	return res, nil
}

func (s *service) FullDuplexCall(ctx context.Context, reqs iter.Seq2[*testpb.StreamingOutputCallRequest, error]) iter.Seq2[*testpb.StreamingOutputCallResponse, error] {
	return stream.Generate(func(send func(*testpb.StreamingOutputCallResponse) error) error {
		if err := echoMetadata(ctx); err != nil {
			return err
		}
		locked := false
		for req, err := range reqs {
			if err != nil {
				return err
			}
			if err := asked(req.GetResponseStatus()); err != nil {
				return err
			}
			if report := req.GetOrcaOobReport(); report != nil {
				if !locked {
					s.oob.Lock()
					defer s.oob.Unlock()
					locked = true
				}
				record(s.metrics, report)
			}
			if err := respond(ctx, req, send); err != nil {
				return err
			}
		}
		return nil
	})
}

func (*service) HalfDuplexCall(ctx context.Context, reqs iter.Seq2[*testpb.StreamingOutputCallRequest, error]) iter.Seq2[*testpb.StreamingOutputCallResponse, error] {
	return stream.Generate(func(send func(*testpb.StreamingOutputCallResponse) error) error {
		all, err := stream.Collect(reqs)
		if err != nil {
			return err
		}
		for _, req := range all {
			if err := respond(ctx, req, send); err != nil {
				return err
			}
		}
		return nil
	})
}

// respond sends the responses that req asks for.
func respond(ctx context.Context, req *testpb.StreamingOutputCallRequest, send func(*testpb.StreamingOutputCallResponse) error) error {
	for _, want := range req.GetResponseParameters() {
		select {
		case <-time.After(time.Duration(want.GetIntervalUs()) * time.Microsecond):
		case <-ctx.Done():
			return ctx.Err()
		}
		payload, err := payload(req.GetResponseType(), want.GetSize())
		if err != nil {
			return err
		}
		res := &testpb.StreamingOutputCallResponse{Payload: payload}
		if p, ok := peer.FromContext(ctx); ok && want.GetFillPeerSocketAddress().GetValue() {
			res.PeerSocketAddress = p.Addr.String()
		}
		if err := send(res); err != nil {
			return err
		}
	}
	return nil
}

func payload(kind testpb.PayloadType, size int32) (*testpb.Payload, error) {
	if kind != testpb.PayloadType_COMPRESSABLE || size < 0 {
		return nil, status.Errorf(codes.InvalidArgument, "no payload of type %v and size %d", kind, size)
	}
	return &testpb.Payload{Type: kind, Body: make([]byte, size)}, nil
}

// asked returns the error that the client asks for.
func asked(want *testpb.EchoStatus) error {
	return status.Error(codes.Code(want.GetCode()), want.GetMessage()) // nil if it is OK
}

func echoMetadata(ctx context.Context) error {
	md, _ := metadata.FromIncomingContext(ctx)
	if values := md.Get(echoHeader); len(values) > 0 {
		if err := grpc.SendHeader(ctx, metadata.Pairs(echoHeader, values[0])); err != nil {
			return err
		}
	}
	if values := md.Get(echoTrailer); len(values) > 0 {
		return grpc.SetTrailer(ctx, metadata.Pairs(echoTrailer, values[0]))
	}
	return nil
}

func record(to orca.ServerMetricsRecorder, report *testpb.TestOrcaReport) {
	to.SetCPUUtilization(report.GetCpuUtilization())
	to.SetMemoryUtilization(report.GetMemoryUtilization())
	for name, value := range report.GetUtilization() {
		to.SetNamedUtilization(name, value)
	}
}

// reports is the service of out-of-band load reports. That of package orca allows
// intervals below 30 seconds only to grpc itself, but the suite needs one.
type reports struct{ metrics orca.ServerMetricsProvider }

func (r reports) StreamCoreMetrics(ctx context.Context, req *orcaservicepb.OrcaLoadReportRequest) iter.Seq2[*orcapb.OrcaLoadReport, error] {
	return stream.Generate(func(send func(*orcapb.OrcaLoadReport) error) error {
		interval := max(req.GetReportInterval().AsDuration(), 100*time.Millisecond)
		for {
			m := r.metrics.ServerMetrics()
			report := &orcapb.OrcaLoadReport{
				CpuUtilization: max(m.CPUUtilization, 0), // -1 means not set
				MemUtilization: max(m.MemUtilization, 0),
				Utilization:    m.Utilization,
			}
			if err := send(report); err != nil {
				return err
			}
			select {
			case <-time.After(interval):
			case <-ctx.Done():
				return ctx.Err()
			}
		}
	})
}
