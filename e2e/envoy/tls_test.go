package envoy

import (
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	tlsconfig "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/types/known/anypb"
)

// upstreamTLS returns how the upstream is called by TLS, or nil.
func upstreamTLS(t *testing.T, c *cluster.Cluster) *tlsconfig.UpstreamTlsContext {
	t.Helper()
	if c.GetTransportSocket() == nil {
		return nil
	}
	context := new(tlsconfig.UpstreamTlsContext)
	if err := c.GetTransportSocket().GetTypedConfig().UnmarshalTo(context); err != nil {
		t.Fatal(err)
	}
	return context
}

// spellTLS says what c says of TLS in the words that grpc-go knows: the authorities
// have a name instead of a file, and the names in the certificate stand in the older field.
func spellTLS(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	context := upstreamTLS(t, c)
	if context == nil {
		return
	}
	validation := context.GetCommonTlsContext().GetValidationContext()
	validation.TrustedCa = nil
	validation.CaCertificateProviderInstance = &tlsconfig.CertificateProviderPluginInstance{InstanceName: "ca"}
	for _, m := range validation.GetMatchTypedSubjectAltNames() {
		validation.MatchSubjectAltNames = append(validation.MatchSubjectAltNames, m.GetMatcher()) //nolint:staticcheck // the one that grpc-go reads
	}
	validation.MatchTypedSubjectAltNames = nil
	config, err := anypb.New(context)
	if err != nil {
		t.Fatal(err)
	}
	c.GetTransportSocket().GetTypedConfig().Value = config.GetValue()
}
