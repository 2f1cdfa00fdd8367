package gohostconnect

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"net/netip"

	"connectrpc.com/connect/v2"
	"connectrpc.com/connect/v2/connecthttp"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/peer"
)

// inProcess is the address of both sides within a process.
type inProcess struct{}

func (inProcess) Network() string { return "inprocess" }
func (inProcess) String() string  { return "inprocess" }

// unparsed is the address of a client that is not an IP address and port.
type unparsed string

func (unparsed) Network() string  { return "unknown" }
func (u unparsed) String() string { return string(u) }

// peerOfClient returns what a handler knows about its client.
func peerOfClient(ctx context.Context, info *connect.CallInfo) *peer.Peer {
	server, ok := info.TransportInfo.(*connecthttp.ServerInfo)
	if !ok {
		return &peer.Peer{Addr: inProcess{}, LocalAddr: inProcess{}}
	}
	p := &peer.Peer{Addr: unparsed(info.PeerAddr)}
	if parsed, err := netip.ParseAddrPort(info.PeerAddr); err == nil {
		p.Addr = net.TCPAddrFromAddrPort(parsed)
	}
	if local, ok := ctx.Value(http.LocalAddrContextKey).(net.Addr); ok {
		p.LocalAddr = local
	}
	p.AuthInfo = authInfoOf(server.TLS())
	return p
}

// authInfoOf returns what grpc's credentials would say about a connection.
func authInfoOf(state *tls.ConnectionState) credentials.AuthInfo {
	if state == nil {
		return nil
	}
	return credentials.TLSInfo{
		State:          *state,
		CommonAuthInfo: credentials.CommonAuthInfo{SecurityLevel: credentials.PrivacyAndIntegrity},
	}
}
