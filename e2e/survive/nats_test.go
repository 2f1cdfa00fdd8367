package survive

import (
	"encoding/json"
	"net/http"
	"os/exec"
	"strings"
	"testing"

	"github.com/gohostrpc/gohost/e2e/internal/proc"
)

// web keeps no connections open. Otherwise they would be counted at the end.
var web = &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

// cluster is a cluster of NATS with JetStream: three processes, of which two can
// continue without the third.
type cluster []*node

// node is a process of the cluster. It is restarted with its addresses and files.
type node struct {
	*proc.Process
	name, client, route, monitor, dir string
	program, routes                   string
}

// startCluster starts a cluster, and returns when it accepts streams.
func startCluster(t *testing.T, program string) cluster {
	t.Helper()
	var c cluster
	var routes []string
	for _, name := range []string{"n1", "n2", "n3"} {
		n := &node{
			name: name, program: program, dir: t.TempDir(),
			client: proc.Addr(t), route: proc.Addr(t), monitor: proc.Addr(t),
		}
		c = append(c, n)
		routes = append(routes, "nats://"+n.route)
	}
	for _, n := range c {
		n.routes = strings.Join(routes, ",")
		n.start(t)
	}
	proc.Wait(t, "a cluster of NATS", c.healthy)
	return c
}

func (n *node) start(t *testing.T) {
	t.Helper()
	host, port, _ := strings.Cut(n.client, ":")
	_, monitor, _ := strings.Cut(n.monitor, ":")
	n.Process = proc.Start(t, exec.Command(n.program, "-n", n.name, "-a", host, "-p", port, "-m", monitor,
		"-js", "-sd", n.dir, "-cluster_name", "feed", "-cluster", "nats://"+n.route, "-routes", n.routes), n.client, n.monitor)
}

// urls returns the addresses of the cluster, for clients.
func (c cluster) urls() string {
	var urls []string
	for _, n := range c {
		urls = append(urls, "nats://"+n.client)
	}
	return strings.Join(urls, ",")
}

// healthy reports whether all nodes have all of their streams, and are as current as
// the leaders.
func (c cluster) healthy() bool {
	for _, n := range c {
		var health struct{ Status string }
		if !n.get("/healthz", &health) || health.Status != "ok" {
			return false
		}
	}
	return true
}

// leader returns the node that leads the only stream: its loss matters most. It returns
// nil if there is none.
func (c cluster) leader() *node {
	var jetstream struct {
		AccountDetails []struct {
			StreamDetail []struct{ Cluster struct{ Leader string } } `json:"stream_detail"`
		} `json:"account_details"`
	}
	for _, n := range c {
		if !n.get("/jsz?streams=true", &jetstream) {
			continue
		}
		for _, account := range jetstream.AccountDetails {
			for _, s := range account.StreamDetail {
				for _, leader := range c {
					if leader.name == s.Cluster.Leader {
						return leader
					}
				}
			}
		}
	}
	return nil
}

// get reads an answer of n's monitor.
func (n *node) get(path string, into any) bool {
	res, err := web.Get("http://" + n.monitor + path)
	if err != nil {
		return false
	}
	defer res.Body.Close() //nolint:errcheck // nothing to lose
	return json.NewDecoder(res.Body).Decode(into) == nil
}
