package dataplane

import (
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tlsconfig "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	matcher "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
)

// UpstreamTLS returns how the upstream is called by TLS, or nil. A cluster that
// calls its endpoints in several ways fails the test.
func UpstreamTLS(tb testing.TB, c *cluster.Cluster) *tlsconfig.UpstreamTlsContext {
	tb.Helper()
	sockets := []*core.TransportSocket{c.GetTransportSocket()}
	if matches := c.GetTransportSocketMatches(); len(matches) > 0 {
		sockets = nil
		for _, m := range matches {
			sockets = append(sockets, m.GetTransportSocket())
		}
	}
	var context *tlsconfig.UpstreamTlsContext
	for _, socket := range sockets {
		if socket.GetTypedConfig() == nil || !socket.GetTypedConfig().MessageIs(new(tlsconfig.UpstreamTlsContext)) {
			continue
		}
		if context != nil {
			tb.Fatalf("cluster %s has several ways of TLS", c.GetName())
		}
		context = new(tlsconfig.UpstreamTlsContext)
		if err := socket.GetTypedConfig().UnmarshalTo(context); err != nil {
			tb.Fatal(err)
		}
	}
	return context
}

// SubjectAltNames returns what the names in the certificate must be.
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
