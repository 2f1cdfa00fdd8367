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

// The functions here translate a configuration into the features that grpc-go supports.

// spellRoutes ends prefixes of whole path segments in a slash, since no gRPC path ends
// with the name of the service.
func spellRoutes(routes *route.RouteConfiguration) {
	for _, v := range routes.GetVirtualHosts() {
		for _, r := range v.GetRoutes() {
			if prefix, ok := r.GetMatch().GetPathSpecifier().(*route.RouteMatch_PathSeparatedPrefix); ok {
				r.Match.PathSpecifier = &route.RouteMatch_Prefix{Prefix: prefix.PathSeparatedPrefix + "/"}
			}
		}
	}
}

// spellLocalities gives localities a name and a weight.
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

// spellCluster uses round robin, a name for the CA certificates instead of a file or a
// secret, and the older field for the names in certificates.
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
