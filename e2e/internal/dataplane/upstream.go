package dataplane

import (
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tlsconfig "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	upstreams "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// UpstreamTLS returns the TLS settings for the endpoints of c, or nil. The test fails
// if the endpoints have different ones.
func UpstreamTLS(tb testing.TB, c *cluster.Cluster) *tlsconfig.UpstreamTlsContext {
	tb.Helper()
	var chosen *core.TransportSocket
	first := true
	for _, locality := range c.GetLoadAssignment().GetEndpoints() {
		for _, e := range locality.GetLbEndpoints() {
			socket := transportSocket(c, e.GetMetadata(), locality.GetMetadata())
			if !first && !proto.Equal(socket, chosen) {
				tb.Fatalf("the endpoints of cluster %s have different TLS settings", c.GetName())
			}
			chosen, first = socket, false
		}
	}
	context := new(tlsconfig.UpstreamTlsContext)
	if chosen.GetTypedConfig() == nil || !chosen.GetTypedConfig().MessageIs(context) {
		return nil
	}
	if err := chosen.GetTypedConfig().UnmarshalTo(context); err != nil {
		tb.Fatal(err)
	}
	return context
}

// transportSocket returns the transport socket for an endpoint with those metadata, as
// Envoy chooses it: the first one that matches, or that of the cluster.
func transportSocket(c *cluster.Cluster, metadata ...*core.Metadata) *core.TransportSocket {
	for _, m := range c.GetTransportSocketMatches() {
		for _, of := range metadata {
			if matches(m.GetMatch(), of.GetFilterMetadata()["envoy.transport_socket_match"]) {
				return m.GetTransportSocket()
			}
		}
		if len(m.GetMatch().GetFields()) == 0 {
			return m.GetTransportSocket()
		}
	}
	return c.GetTransportSocket()
}

// matches reports whether all fields of criteria are in metadata.
func matches(criteria, metadata *structpb.Struct) bool {
	for name, value := range criteria.GetFields() {
		if !proto.Equal(value, metadata.GetFields()[name]) {
			return false
		}
	}
	return len(criteria.GetFields()) > 0
}

// SubjectAltNames returns the matchers of the names in the certificate.
func SubjectAltNames(context *tlsconfig.UpstreamTlsContext) []*matcher.StringMatcher {
	common := context.GetCommonTlsContext()
	validation := common.GetValidationContext()
	if combined := common.GetCombinedValidationContext(); combined != nil {
		validation = combined.GetDefaultValidationContext()
	}
	names := validation.GetMatchSubjectAltNames() //nolint:staticcheck // Istio writes it
	for _, m := range validation.GetMatchTypedSubjectAltNames() {
		names = append(names, m.GetMatcher())
	}
	return names
}

// HTTP2 reports whether HTTP/2 is used for the endpoints of c.
func HTTP2(tb testing.TB, c *cluster.Cluster) bool {
	tb.Helper()
	options := new(upstreams.HttpProtocolOptions)
	packed := c.GetTypedExtensionProtocolOptions()["envoy.extensions.upstreams.http.v3.HttpProtocolOptions"]
	if packed == nil {
		return false
	}
	if err := packed.UnmarshalTo(options); err != nil {
		tb.Fatal(err)
	}
	return options.GetExplicitHttpConfig().GetHttp2ProtocolOptions() != nil
}
