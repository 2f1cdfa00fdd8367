// Package dataplane makes calls through the configuration that a control plane sends to
// Envoy. Envoy cannot be installed here, so the data plane is the xDS client of
// grpc-go, which reads the same routes, clusters and endpoints.
//
// It has limits that Envoy does not have. It chooses the virtual host by the authority
// of the connection and not of the call, does not support a port in a host,
// distinguishes upper and lower case, and does not answer by itself. Tests must check
// what it ignores (timeouts of routes, health checks, settings of listeners) in the
// messages.
package dataplane

import (
	"context"
	"net"
	"strings"
	"sync"
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	router "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	manager "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	discovery "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	xdscredentials "google.golang.org/grpc/credentials/xds"
	"google.golang.org/grpc/xds"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// Edge is Envoy's configuration: routes and their targets.
type Edge struct {
	Manager  *manager.HttpConnectionManager // with its routes
	Clusters []*cluster.Cluster             // with their endpoints
}

// NewEdge returns an Edge with those routes, in a manager without other settings.
func NewEdge(tb testing.TB, routes *route.RouteConfiguration, clusters []*cluster.Cluster) *Edge {
	tb.Helper()
	return &Edge{Clusters: clusters, Manager: &manager.HttpConnectionManager{
		RouteSpecifier: &manager.HttpConnectionManager_RouteConfig{RouteConfig: routes},
		HttpFilters: []*manager.HttpFilter{{
			Name:       "envoy.filters.http.router",
			ConfigType: &manager.HttpFilter_TypedConfig{TypedConfig: pack(tb, new(router.Router))},
		}},
	}}
}

func pack(tb testing.TB, m proto.Message) *anypb.Any {
	tb.Helper()
	packed, err := anypb.New(m)
	if err != nil {
		tb.Fatal(err)
	}
	return packed
}

// node is the name of the data plane, and of its listener.
const node = "gohost"

// Serve starts a control plane that serves e, and returns a data plane that uses it.
// Each address is replaced by a backend of b.
func (e *Edge) Serve(tb testing.TB, b *Backends) *Plane {
	tb.Helper()
	m := proto.CloneOf(e.Manager)
	spellRoutes(m.GetRouteConfig())
	resources := map[resource.Type][]types.Resource{
		resource.ListenerType: {&listener.Listener{Name: node, ApiListener: &listener.ApiListener{ApiListener: pack(tb, m)}}},
	}
	for _, c := range e.Clusters {
		endpoints := proto.CloneOf(c.GetLoadAssignment())
		if endpoints == nil {
			continue // for example, it answers by itself
		}
		endpoints.ClusterName = c.GetName()
		for e := range all(endpoints) {
			b.replace(e)
		}
		spellLocalities(endpoints)
		resources[resource.ClusterType] = append(resources[resource.ClusterType], discovered(tb, c))
		resources[resource.EndpointType] = append(resources[resource.EndpointType], endpoints)
	}
	snapshot, err := cache.NewSnapshot("1", resources)
	if err != nil {
		tb.Fatal(err)
	}
	snapshots := cache.NewSnapshotCache(false, cache.IDHash{}, nil) // with true, calls hang
	if err := snapshots.SetSnapshot(tb.Context(), node, snapshot); err != nil {
		tb.Fatal(err)
	}
	return &Plane{tb: tb, controlPlane: startControlPlane(tb, snapshots), ca: b.ca, conns: make(map[string]*grpc.ClientConn)}
}

// discovered returns c with endpoints that are requested by EDS: it is grpc-go's only
// kind of cluster with several endpoints.
func discovered(tb testing.TB, c *cluster.Cluster) *cluster.Cluster {
	tb.Helper()
	context := UpstreamTLS(tb, c)
	c = proto.CloneOf(c)
	c.LoadAssignment = nil
	c.ClusterDiscoveryType = &cluster.Cluster_Type{Type: cluster.Cluster_EDS}
	c.EdsClusterConfig = &cluster.Cluster_EdsClusterConfig{EdsConfig: &core.ConfigSource{
		ConfigSourceSpecifier: &core.ConfigSource_Ads{Ads: &core.AggregatedConfigSource{}},
	}}
	spellCluster(tb, c, context)
	return c
}

func startControlPlane(tb testing.TB, snapshots cache.Cache) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(s, server.NewServer(ctx, snapshots, nil))
	go s.Serve(listener) //nolint:errcheck // it returns when the test ends
	tb.Cleanup(func() {
		cancel()
		s.Stop()
	})
	return listener.Addr().String()
}

// Plane is a data plane. Its methods may be called concurrently.
type Plane struct {
	tb           testing.TB
	controlPlane string // its address
	ca           string // the file with the certificates to trust for upstreams

	mu    sync.Mutex
	conns map[string]*grpc.ClientConn // by host
}

// Conn returns a connection whose calls are for host.
func (p *Plane) Conn(host string) *grpc.ClientConn {
	p.tb.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if conn, ok := p.conns[host]; ok {
		return conn
	}
	config := strings.NewReplacer("ADDRESS", p.controlPlane, "NODE", node, "FILE", p.ca).Replace(bootstrap)
	builder, err := xds.NewXDSResolverWithConfigForTesting([]byte(config))
	if err != nil {
		p.tb.Fatal(err)
	}
	creds, err := xdscredentials.NewClientCredentials(xdscredentials.ClientOptions{FallbackCreds: insecure.NewCredentials()})
	if err != nil {
		p.tb.Fatal(err)
	}
	conn, err := grpc.NewClient("xds:///"+node, grpc.WithResolvers(builder), grpc.WithTransportCredentials(creds), grpc.WithAuthority(host))
	if err != nil {
		p.tb.Fatal(err)
	}
	p.tb.Cleanup(func() { conn.Close() }) //nolint:errcheck // the test is over
	p.conns[host] = conn
	return conn
}

// bootstrap is the bootstrap configuration of grpc-go's client.
const bootstrap = `{
	"xds_servers": [{"server_uri": "ADDRESS", "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}],
	"node": {"id": "NODE"},
	"certificate_providers": {"ca": {"plugin_name": "file_watcher", "config": {"ca_certificate_file": "FILE"}}}
}`
