package gohostconnect

import (
	"context"
	"crypto/tls"
	"slices"
	"strings"

	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"

	"github.com/gohostrpc/gohost"
)

// callOptions holds the supported options of a call.
type callOptions struct {
	host     string
	headers  []*metadata.MD
	trailers []*metadata.MD
	peers    []*peer.Peer
	onFinish []func(error)
	creds    []credentials.PerRPCCredentials
	tuned    []connecthttp.Option

	maxSend, maxReceive *int // within a process
}

// optionsOf returns the options of a call of method, or an error if one of opts
// is not supported.
func (t *Transport) optionsOf(ctx context.Context, method string, opts []grpc.CallOption) (o callOptions, err error) {
	if err := checkHost(ctx, opts); err != nil {
		return o, err
	}
	for _, opt := range opts {
		switch opt := opt.(type) {
		case grpc.AuthorityOverrideCallOption:
			o.host = opt.Authority
		case grpc.HeaderCallOption:
			o.headers = append(o.headers, opt.HeaderAddr)
		case grpc.TrailerCallOption:
			o.trailers = append(o.trailers, opt.TrailerAddr)
		case grpc.PeerCallOption:
			o.peers = append(o.peers, opt.PeerAddr)
		case grpc.OnFinishCallOption:
			o.onFinish = append(o.onFinish, opt.OnFinish)
		case grpc.PerRPCCredsCallOption:
			o.creds = append(o.creds, opt.Creds)
		case grpc.MaxSendMsgSizeCallOption:
			o.maxSend = &opt.MaxSendMsgSize
		case grpc.MaxRecvMsgSizeCallOption:
			o.maxReceive = &opt.MaxRecvMsgSize
		case grpc.CompressorCallOption:
			o.tuned = append(o.tuned, connecthttp.WithSendCompression(opt.CompressorType))
		case grpc.FailFastCallOption:
			if !opt.FailFast {
				return o, errOption(method, "WaitForReady needs a connection that can become ready, and %s has none", t.uri)
			}
		case grpc.ContentSubtypeCallOption:
			return o, errOption(method, "CallContentSubtype(%q) is for grpc's codecs: those of connect are options of NewTransport", opt.ContentSubtype)
		case grpc.ForceCodecCallOption, grpc.ForceCodecV2CallOption, grpc.CustomCodecCallOption:
			return o, errOption(method, "ForceCodec is for grpc's codecs: those of connect are options of NewTransport")
		}
	}
	if t.kinds == nil {
		o.limit()
	} else {
		o.tuned = nil // nothing is compressed here
	}
	return o, nil
}

// limit adds the limits as options of connect. For grpc, zero allows only empty
// messages; for connect it means no limit, so 1 is used instead.
func (o *callOptions) limit() {
	if o.maxSend != nil {
		o.tuned = append(o.tuned, connecthttp.WithSendMaxBytes(max(*o.maxSend, 1)))
	}
	if o.maxReceive != nil {
		o.tuned = append(o.tuned, connecthttp.WithReadMaxBytes(max(*o.maxReceive, 1)))
	}
	o.maxSend, o.maxReceive = nil, nil
}

// checkHost returns the error of package gohost for a host that may not be sent.
func checkHost(ctx context.Context, opts []grpc.CallOption) error {
	nothing := func(context.Context, string, any, any, *grpc.ClientConn, ...grpc.CallOption) error { return nil }
	return gohost.UnaryGuard(ctx, "", nil, nil, nil, nothing, opts...)
}

// metadataOf returns the metadata of a call, from ctx and the credentials.
func (o *callOptions) metadataOf(ctx context.Context, t *Transport, method string) (metadata.MD, error) {
	md, _ := metadata.FromOutgoingContext(ctx)
	for _, creds := range o.creds {
		if creds.RequireTransportSecurity() && !t.secure {
			return nil, status.Error(codes.Unauthenticated, "gohostconnect: the credentials of the call require TLS, and "+t.uri+" has none")
		}
		added, err := creds.GetRequestMetadata(contextOfCredentials(ctx, t, method), t.uri+serviceOf(method))
		if err != nil {
			return nil, credentialsError(err)
		}
		md = metadata.Join(md, metadata.New(added))
	}
	return md, check(md)
}

// contextOfCredentials returns the context for credentials, which describes the
// connection.
func contextOfCredentials(ctx context.Context, t *Transport, method string) context.Context {
	info := credentials.RequestInfo{Method: method}
	if t.secure {
		info.AuthInfo = authInfoOf(new(tls.ConnectionState)) // there is no connection yet
	}
	return credentials.NewContextWithRequestInfo(ctx, info)
}

// credentialsError returns the status of a call whose credentials failed with
// err. By the rules of grpc, control planes may not use some codes (gRFC A54).
func credentialsError(err error) error {
	s, ok := status.FromError(err)
	if !ok {
		return status.Errorf(codes.Unauthenticated, "gohostconnect: the credentials of the call failed: %v", err)
	}
	restricted := []codes.Code{codes.OK, codes.InvalidArgument, codes.NotFound, codes.AlreadyExists, codes.FailedPrecondition, codes.Aborted, codes.OutOfRange, codes.DataLoss}
	if slices.Contains(restricted, s.Code()) {
		return status.Errorf(codes.Internal, "gohostconnect: the credentials of the call failed with %v", err)
	}
	return err
}

// serviceOf returns the part of a full method name that credentials see: "/service".
func serviceOf(method string) string {
	if i := strings.LastIndexByte(method, '/'); i > 0 {
		return method[:i]
	}
	return method
}
