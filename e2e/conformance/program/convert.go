package main

import (
	"strings"

	"connectrpc.com/connect/v2"
	spb "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
)

// binarySuffix is the suffix of headers whose values the suite writes in base64.
const binarySuffix = "-bin"

// metadataOf returns the headers as metadata.
func metadataOf(headers []*pb.Header) metadata.MD {
	md := make(metadata.MD, len(headers))
	for _, h := range headers {
		key := strings.ToLower(h.GetName())
		for _, v := range h.GetValue() {
			if strings.HasSuffix(key, binarySuffix) {
				if data, err := connect.DecodeBinaryHeader(v); err == nil {
					v = string(data)
				}
			}
			md.Append(key, v)
		}
	}
	return md
}

// headersOf returns the metadata as headers.
func headersOf(md metadata.MD) []*pb.Header {
	headers := make([]*pb.Header, 0, len(md))
	for key, values := range md {
		h := &pb.Header{Name: key}
		for _, v := range values {
			if strings.HasSuffix(key, binarySuffix) {
				v = connect.EncodeBinaryHeader([]byte(v))
			}
			h.Value = append(h.Value, v)
		}
		headers = append(headers, h)
	}
	return headers
}

// statusOf returns the status for an error of the suite.
func statusOf(e *pb.Error) error {
	return status.ErrorProto(&spb.Status{Code: int32(e.GetCode()), Message: e.GetMessage(), Details: e.GetDetails()})
}

// errorOf returns the error of a call as an error of the suite.
func errorOf(err error) *pb.Error {
	if err == nil {
		return nil
	}
	s := status.Convert(err)
	return &pb.Error{Code: pb.Code(s.Code()), Message: proto.String(s.Message()), Details: s.Proto().GetDetails()}
}
