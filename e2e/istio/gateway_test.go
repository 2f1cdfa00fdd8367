package istio

import (
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/gohostrpc/gohost/e2e/internal/dataplane"
)

// gateway is an Istio gateway that asks istiod for its configuration.
type gateway struct {
	t      *testing.T
	stream grpc.BidiStreamingClient[discovery.DiscoveryRequest, discovery.DiscoveryResponse]
	node   *core.Node
}

// newGateway returns the gateway in namespace infra that Gateways select by the label
// istio: edge.
func newGateway(t *testing.T, istiod string) *gateway {
	t.Helper()
	conn, err := grpc.NewClient(istiod, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // the test is over
	stream, err := discovery.NewAggregatedDiscoveryServiceClient(conn).StreamAggregatedResources(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	metadata, err := structpb.NewStruct(map[string]any{
		"NAMESPACE": "infra", "ISTIO_VERSION": "1.30.0", "CLUSTER_ID": "Kubernetes",
		"LABELS": map[string]any{"istio": "edge"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &gateway{t: t, stream: stream, node: &core.Node{Id: "router~10.1.0.1~edge.infra~infra.svc.cluster.local", Metadata: metadata}}
}

// ask returns the resources of a type: those with the names, or all if there are no
// names.
func (g *gateway) ask(kind proto.Message, names ...string) []*anypb.Any {
	g.t.Helper()
	url := "type.googleapis.com/" + string(kind.ProtoReflect().Descriptor().FullName())
	if err := g.stream.Send(&discovery.DiscoveryRequest{Node: g.node, TypeUrl: url, ResourceNames: names}); err != nil {
		g.t.Fatal(err)
	}
	for {
		res, err := g.stream.Recv()
		if err != nil {
			g.t.Fatal(err)
		}
		if res.GetTypeUrl() == url {
			return res.GetResources()
		}
	}
}

// unpack unmarshals packed into m.
func (g *gateway) unpack(packed *anypb.Any, m proto.Message) {
	g.t.Helper()
	if err := packed.UnmarshalTo(m); err != nil {
		g.t.Fatal(err)
	}
}

// managers returns the connection managers of the listeners, by the name of their
// routes.
func (g *gateway) managers() map[string]*manager.HttpConnectionManager {
	g.t.Helper()
	managers := make(map[string]*manager.HttpConnectionManager)
	for _, packed := range g.ask(new(listener.Listener)) {
		l := new(listener.Listener)
		g.unpack(packed, l)
		for _, chain := range l.GetFilterChains() {
			for _, filter := range chain.GetFilters() {
				if m := new(manager.HttpConnectionManager); filter.GetTypedConfig().MessageIs(m) {
					g.unpack(filter.GetTypedConfig(), m)
					managers[m.GetRds().GetRouteConfigName()] = m
				}
			}
		}
	}
	return managers
}

// clusters returns all clusters with their endpoints.
func (g *gateway) clusters() []*cluster.Cluster {
	g.t.Helper()
	var clusters []*cluster.Cluster
	byName := make(map[string]*cluster.Cluster)
	var names []string
	for _, packed := range g.ask(new(cluster.Cluster)) {
		c := new(cluster.Cluster)
		g.unpack(packed, c)
		clusters = append(clusters, c)
		if c.GetType() == cluster.Cluster_EDS {
			byName[c.GetName()] = c
			names = append(names, c.GetName())
		}
	}
	for _, packed := range g.ask(new(endpoint.ClusterLoadAssignment), names...) {
		e := new(endpoint.ClusterLoadAssignment)
		g.unpack(packed, e)
		byName[e.GetClusterName()].LoadAssignment = e
	}
	return clusters
}

// edge returns the gateway's configuration for a port, and the connection manager
// there.
func (g *gateway) edge(port string) (*dataplane.Edge, *manager.HttpConnectionManager) {
	g.t.Helper()
	name := "http." + port
	m := g.managers()[name]
	if m == nil {
		g.t.Fatalf("no listener has the routes %s", name)
	}
	clusters := g.clusters()
	routes := new(route.RouteConfiguration)
	for _, packed := range g.ask(new(route.RouteConfiguration), name) {
		g.unpack(packed, routes)
	}
	return dataplane.NewEdge(g.t, routes, clusters), m
}
