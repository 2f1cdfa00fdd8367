package dataplane

import (
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	tlsconfig "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// The functions here say the same in the words that grpc-go knows.

// spellRoutes: a prefix of whole parts of a path ends in a slash, since no path of
// gRPC ends with the name of the service.
func spellRoutes(routes *route.RouteConfiguration) {
	for _, v := range routes.GetVirtualHosts() {
		for _, r := range v.GetRoutes() {
			if prefix, ok := r.GetMatch().GetPathSpecifier().(*route.RouteMatch_PathSeparatedPrefix); ok {
				r.Match.PathSpecifier = &route.RouteMatch_Prefix{Prefix: prefix.PathSeparatedPrefix + "/"}
			}
		}
	}
}

// spellLocalities: a locality has a name and a weight.
func spellLocalities(endpoints *endpoint.ClusterLoadAssignment) {
	for _, locality := range endpoints.GetEndpoints() {
		if locality.GetLocality() == nil {
			locality.Locality = new(core.Locality)
		}
		if locality.GetLoadBalancingWeight() == nil {
			locality.LoadBalancingWeight = wrapperspb.UInt32(1)
		}
	}
}

// spellCluster: instances take turns, the authorities that sign certificates have
// a name instead of a file or a secret, and the names in certificates stand in the
// older field.
func spellCluster(tb testing.TB, c *cluster.Cluster, context *tlsconfig.UpstreamTlsContext) {
	tb.Helper()
	c.LbPolicy, c.LoadBalancingPolicy = cluster.Cluster_ROUND_ROBIN, nil
	c.TransportSocket, c.TransportSocketMatches = nil, nil
	if context == nil {
		return
	}
	names := &tlsconfig.CertificateValidationContext{
		CaCertificateProviderInstance: &tlsconfig.CertificateProviderPluginInstance{InstanceName: "ca"},
		MatchSubjectAltNames:          SubjectAltNames(context), //nolint:staticcheck // the field that grpc-go reads
	}
	c.TransportSocket = &core.TransportSocket{
		Name: "envoy.transport_sockets.tls",
		ConfigType: &core.TransportSocket_TypedConfig{TypedConfig: pack(tb, &tlsconfig.UpstreamTlsContext{
			Sni: context.GetSni(),
			CommonTlsContext: &tlsconfig.CommonTlsContext{
				ValidationContextType: &tlsconfig.CommonTlsContext_ValidationContext{ValidationContext: names},
			},
		})},
	}
}
