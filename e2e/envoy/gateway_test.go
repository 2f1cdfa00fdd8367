package envoy

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	admin "github.com/envoyproxy/go-control-plane/envoy/admin/v3"
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/access_loggers/file/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/grpc_stats/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/grpc_web/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/health_check/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/load_balancing_policies/least_request/v3"
	_ "github.com/envoyproxy/go-control-plane/envoy/extensions/retry/host/previous_hosts/v3"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// translate returns the configuration that Envoy Gateway sends to Envoy for the objects
// of a YAML text, which has one Gateway with one listener.
func translate(t *testing.T, text string) *dataplane.Edge {
	t.Helper()
	return dumpOf(t, text).edge(t)
}

// dumpOf returns Envoy Gateway's full configuration for the objects.
func dumpOf(t *testing.T, text string) *dump {
	t.Helper()
	file := filepath.Join(t.TempDir(), "objects.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(proc.Built(t, "egctl")[0], "x", "translate", "--from", "gateway-api", "--to", "xds", "--type", "all", "--output", "json", "--file", file)
	var failure strings.Builder
	cmd.Stderr = &failure
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %.2000s\n%s", err, failure.String(), text)
	}
	var translated struct {
		XDS map[string]struct{ Configs []json.RawMessage }
	}
	if err := json.Unmarshal(out, &translated); err != nil {
		t.Fatal(err)
	}
	if len(translated.XDS) != 1 {
		t.Fatalf("the output is not for one Gateway: %s", out)
	}
	d := new(dump)
	for _, gateway := range translated.XDS {
		for _, config := range gateway.Configs {
			d.read(t, config)
		}
	}
	return d
}

// dump is the content of a configuration dump.
type dump struct {
	listeners admin.ListenersConfigDump
	routes    admin.RoutesConfigDump
	clusters  admin.ClustersConfigDump
	endpoints admin.EndpointsConfigDump
}

// read adds a part of the dump if it is one of these.
func (d *dump) read(t *testing.T, part []byte) {
	t.Helper()
	var kind struct {
		Type string `json:"@type"`
	}
	if err := json.Unmarshal(part, &kind); err != nil {
		t.Fatal(err)
	}
	for _, m := range []proto.Message{&d.listeners, &d.routes, &d.clusters, &d.endpoints} {
		if strings.HasSuffix(kind.Type, "/"+string(m.ProtoReflect().Descriptor().FullName())) {
			if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(part, m); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func (d *dump) edge(t *testing.T) *dataplane.Edge {
	t.Helper()
	if n := len(d.routes.GetDynamicRouteConfigs()); n != 1 {
		t.Fatalf("the dump has the routes of %d listeners, want 1: does a route lack its namespace?", n)
	}
	routes := new(route.RouteConfiguration)
	if err := d.routes.GetDynamicRouteConfigs()[0].GetRouteConfig().UnmarshalTo(routes); err != nil {
		t.Fatal(err)
	}
	endpoints := make(map[string]*endpoint.ClusterLoadAssignment)
	for _, e := range d.endpoints.GetDynamicEndpointConfigs() {
		assignment := new(endpoint.ClusterLoadAssignment)
		if err := e.GetEndpointConfig().UnmarshalTo(assignment); err != nil {
			t.Fatal(err)
		}
		endpoints[assignment.GetClusterName()] = assignment
	}
	var clusters []*cluster.Cluster
	for _, c := range d.clusters.GetDynamicActiveClusters() {
		of := new(cluster.Cluster)
		if err := c.GetCluster().UnmarshalTo(of); err != nil {
			t.Fatal(err)
		}
		of.LoadAssignment = endpoints[of.GetName()]
		clusters = append(clusters, of)
	}
	return dataplane.NewEdge(t, routes, clusters)
}

// manager returns the connection manager of the listener.
func (d *dump) manager(t *testing.T) *manager.HttpConnectionManager {
	t.Helper()
	m := new(manager.HttpConnectionManager)
	for _, packed := range d.listeners.GetDynamicListeners() {
		l := new(listener.Listener)
		if err := packed.GetActiveState().GetListener().UnmarshalTo(l); err != nil {
			t.Fatal(err)
		}
		for _, filter := range append(l.GetDefaultFilterChain().GetFilters(), filters(l)...) {
			if filter.GetTypedConfig().MessageIs(m) && strings.HasPrefix(l.GetName(), "infra/edge/") {
				if err := filter.GetTypedConfig().UnmarshalTo(m); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return m
}

func filters(l *listener.Listener) []*listener.Filter {
	var filters []*listener.Filter
	for _, chain := range l.GetFilterChains() {
		filters = append(filters, chain.GetFilters()...)
	}
	return filters
}
