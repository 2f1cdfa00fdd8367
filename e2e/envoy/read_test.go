package envoy

import (
	"os"
	"testing"

	bootstrapconfig "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3" // typed_config
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"sigs.k8s.io/yaml"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
)

// readEdge returns the content of an Envoy configuration, as Envoy starts with it.
func readEdge(t *testing.T, text string) *dataplane.Edge {
	t.Helper()
	json, err := yaml.YAMLToJSONStrict([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	config := new(bootstrapconfig.Bootstrap)
	if err := protojson.Unmarshal(json, config); err != nil {
		t.Fatal(err)
	}
	e := &dataplane.Edge{Manager: new(manager.HttpConnectionManager), Clusters: config.GetStaticResources().GetClusters()}
	filter := config.GetStaticResources().GetListeners()[0].GetFilterChains()[0].GetFilters()[0]
	if err := filter.GetTypedConfig().UnmarshalTo(e.Manager); err != nil {
		t.Fatal(err)
	}
	return e
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
