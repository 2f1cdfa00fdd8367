package envoy

import (
	"context"
	"fmt"
	"iter"
	"net"
	"strings"
	"sync"
	"testing"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
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
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// edge is what Envoy is told: how calls are routed, and where to.
type edge struct {
	manager  *manager.HttpConnectionManager // with its routes
	clusters []*cluster.Cluster             // with their endpoints
}

// node is the name of the data plane, and of its listener.
const node = "gohost"

// serve starts a control plane that tells what e is, and returns a data plane.
// In the place of each address is one of b.
func (e *edge) serve(t *testing.T, b *backends) *plane {
	t.Helper()
	api, err := anypb.New(e.manager)
	if err != nil {
		t.Fatal(err)
	}
	resources := map[resource.Type][]types.Resource{
		resource.ListenerType: {&listener.Listener{Name: node, ApiListener: &listener.ApiListener{ApiListener: api}}},
	}
	for _, c := range e.clusters {
		endpoints := proto.CloneOf(c.GetLoadAssignment())
		endpoints.ClusterName = c.GetName()
		for e := range all(endpoints) {
			b.move(e)
		}
		for _, locality := range endpoints.GetEndpoints() {
			// grpc-go takes none without a name, and leaves out one without a weight.
			if locality.GetLocality() == nil {
				locality.Locality = new(core.Locality)
			}
			if locality.GetLoadBalancingWeight() == nil {
				locality.LoadBalancingWeight = wrapperspb.UInt32(1)
			}
		}
		resources[resource.ClusterType] = append(resources[resource.ClusterType], discovered(t, c))
		resources[resource.EndpointType] = append(resources[resource.EndpointType], endpoints)
	}
	snapshot, err := cache.NewSnapshot("1", resources)
	if err != nil {
		t.Fatal(err)
	}
	snapshots := cache.NewSnapshotCache(false, cache.IDHash{}, nil) // with true, calls hang
	if err := snapshots.SetSnapshot(t.Context(), node, snapshot); err != nil {
		t.Fatal(err)
	}
	return &plane{controlPlane: startControlPlane(t, snapshots), ca: b.ca, conns: make(map[string]*grpc.ClientConn)}
}

// discovered returns c, of which the endpoints are asked for: of the kinds of
// clusters grpc-go has that one, which takes several.
func discovered(t *testing.T, c *cluster.Cluster) *cluster.Cluster {
	t.Helper()
	c = proto.CloneOf(c)
	c.LoadAssignment = nil
	c.ClusterDiscoveryType = &cluster.Cluster_Type{Type: cluster.Cluster_EDS}
	c.EdsClusterConfig = &cluster.Cluster_EdsClusterConfig{EdsConfig: &core.ConfigSource{
		ConfigSourceSpecifier: &core.ConfigSource_Ads{Ads: &core.AggregatedConfigSource{}},
	}}
	spellTLS(t, c)
	return c
}

// all yields the endpoints of a cluster.
func all(endpoints *endpoint.ClusterLoadAssignment) iter.Seq[*endpoint.Endpoint] {
	return func(yield func(*endpoint.Endpoint) bool) {
		for _, locality := range endpoints.GetEndpoints() {
			for _, e := range locality.GetLbEndpoints() {
				if !yield(e.GetEndpoint()) {
					return
				}
			}
		}
	}
}

// address returns where e is.
func address(e *endpoint.Endpoint) string {
	socket := e.GetAddress().GetSocketAddress()
	return net.JoinHostPort(socket.GetAddress(), fmt.Sprint(socket.GetPortValue()))
}

// move gives e the address of the backend in its place.
func (b *backends) move(e *endpoint.Endpoint) {
	b.t.Helper()
	moved, err := net.ResolveTCPAddr("tcp", b.at(address(e)))
	if err != nil {
		b.t.Fatal(err)
	}
	socket := e.GetAddress().GetSocketAddress()
	socket.Address = moved.IP.String()
	socket.PortSpecifier = &core.SocketAddress_PortValue{PortValue: uint32(moved.Port)} //nolint:gosec // it is a port
}

func startControlPlane(t *testing.T, snapshots cache.Cache) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	s := grpc.NewServer()
	discovery.RegisterAggregatedDiscoveryServiceServer(s, server.NewServer(ctx, snapshots, nil))
	go s.Serve(listener) //nolint:errcheck // it returns when the test ends
	t.Cleanup(func() {
		cancel()
		s.Stop()
	})
	return listener.Addr().String()
}

// plane is a data plane. Its methods may be called at once.
type plane struct {
	controlPlane string // its address
	ca           string // the file that certificates of upstreams are checked with

	mu    sync.Mutex
	conns map[string]*grpc.ClientConn // by host
}

// conn returns a connection whose calls are for host.
func (p *plane) conn(t *testing.T, host string) *grpc.ClientConn {
	t.Helper()
	p.mu.Lock()
	defer p.mu.Unlock()
	if conn, ok := p.conns[host]; ok {
		return conn
	}
	config := strings.NewReplacer("ADDRESS", p.controlPlane, "NODE", node, "CA", p.ca).Replace(bootstrap)
	builder, err := xds.NewXDSResolverWithConfigForTesting([]byte(config))
	if err != nil {
		t.Fatal(err)
	}
	creds, err := xdscredentials.NewClientCredentials(xdscredentials.ClientOptions{FallbackCreds: insecure.NewCredentials()})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("xds:///"+node, grpc.WithResolvers(builder), grpc.WithTransportCredentials(creds), grpc.WithAuthority(host))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck // the test is at its end
	p.conns[host] = conn
	return conn
}

// bootstrap is what grpc-go's client starts with.
const bootstrap = `{
	"xds_servers": [{"server_uri": "ADDRESS", "channel_creds": [{"type": "insecure"}], "server_features": ["xds_v3"]}],
	"node": {"id": "NODE"},
	"certificate_providers": {"ca": {"plugin_name": "file_watcher", "config": {"ca_certificate_file": "CA"}}}
}`
