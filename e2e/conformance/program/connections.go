package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"sync"

	"connectrpc.com/connect/v2/connecthttp"
	"github.com/quic-go/quic-go"
	"github.com/quic-go/quic-go/http3"

	pb "github.com/gohostrpc/gohost/e2e/conformance/program/conformancepb"
	"github.com/gohostrpc/gohost/gohostconnect"
)

// connections are the HTTP clients, which all calls share.
type connections struct {
	mu      sync.Mutex
	clients map[connection]*http.Client
}

// connection is the key of a shared client.
type connection struct {
	alone                     bool // one connection per call
	version                   pb.HTTPVersion
	trusted, certificate, key string
}

func newConnections() *connections { return &connections{clients: make(map[connection]*http.Client)} }

// transport returns the transport for the call of req.
func (c *connections) transport(req *pb.ClientCompatRequest) (*gohostconnect.Transport, error) {
	client, err := c.client(req)
	if err != nil {
		return nil, err
	}
	opts := []connecthttp.Option{connecthttp.WithReadMaxBytes(0), connecthttp.WithCompressors()}
	switch req.GetProtocol() {
	case pb.Protocol_PROTOCOL_CONNECT:
	case pb.Protocol_PROTOCOL_GRPC:
		opts = append(opts, connecthttp.WithGRPC())
	case pb.Protocol_PROTOCOL_GRPC_WEB:
		opts = append(opts, connecthttp.WithGRPCWeb())
	default:
		return nil, fmt.Errorf("unknown protocol: %v", req.GetProtocol())
	}
	switch req.GetCodec() {
	case pb.Codec_CODEC_PROTO:
	case pb.Codec_CODEC_JSON:
		opts = append(opts, connecthttp.WithProtoJSON())
	default:
		return nil, fmt.Errorf("unknown codec: %v", req.GetCodec())
	}
	compressor, err := compressorOf(req.GetCompression())
	if err != nil {
		return nil, err
	}
	if compressor != nil {
		opts = append(opts, connecthttp.WithCompressors(compressor))
	}
	if req.GetUseGetHttpMethod() {
		opts = append(opts, connecthttp.WithHTTPGet())
	}
	scheme := "http://"
	if req.GetServerTlsCert() != nil {
		scheme = "https://"
	}
	url := scheme + net.JoinHostPort(req.GetHost(), strconv.Itoa(int(req.GetPort())))
	return gohostconnect.NewTransport(client, url, opts...), nil
}

// client returns the HTTP client for the call of req.
func (c *connections) client(req *pb.ClientCompatRequest) (*http.Client, error) {
	key := connection{
		alone(req), req.GetHttpVersion(),
		string(req.GetServerTlsCert()), string(req.GetClientTlsCreds().GetCert()), string(req.GetClientTlsCreds().GetKey()),
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if client, ok := c.clients[key]; ok {
		return client, nil
	}
	roundTripper, err := newRoundTripper(req)
	if err != nil {
		return nil, err
	}
	c.clients[key] = &http.Client{Transport: roundTripper}
	return c.clients[key], nil
}

// alone reports whether a call needs its own connection: if a call over HTTP/1.1 ends
// early, net/http may close its connection when another call already uses it.
func alone(req *pb.ClientCompatRequest) bool {
	return req.GetHttpVersion() == pb.HTTPVersion_HTTP_VERSION_1 && (req.GetCancel() != nil || req.TimeoutMs != nil)
}

func newRoundTripper(req *pb.ClientCompatRequest) (http.RoundTripper, error) {
	config, err := clientTLS(req)
	if err != nil {
		return nil, err
	}
	if req.GetHttpVersion() == pb.HTTPVersion_HTTP_VERSION_3 {
		if config == nil {
			return nil, errors.New("HTTP/3 needs TLS")
		}
		return &http3.Transport{TLSClientConfig: config, DisableCompression: true, Dial: dial}, nil
	}
	t := &http.Transport{TLSClientConfig: config, DisableCompression: true, DisableKeepAlives: alone(req), Protocols: new(http.Protocols)}
	switch req.GetHttpVersion() {
	case pb.HTTPVersion_HTTP_VERSION_1:
		t.Protocols.SetHTTP1(true)
	case pb.HTTPVersion_HTTP_VERSION_2:
		t.Protocols.SetHTTP2(config != nil)
		t.Protocols.SetUnencryptedHTTP2(config == nil)
	default:
		return nil, fmt.Errorf("unknown version of HTTP: %v", req.GetHttpVersion())
	}
	return t, nil
}

// dial opens an HTTP/3 connection for all calls that wait for it. http3 passes the
// context of the first call, whose end must not affect the others.
func dial(ctx context.Context, addr string, config *tls.Config, quicConfig *quic.Config) (*quic.Conn, error) {
	return quic.DialAddrEarly(context.WithoutCancel(ctx), addr, config, quicConfig)
}
