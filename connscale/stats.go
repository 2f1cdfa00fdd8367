package connscale

import (
	"cmp"
	"slices"
	"sync"
)

// Stats is the state of a client's connections at one moment.
type Stats struct {
	// Connections are the ready connections: by address, the oldest first.
	Connections []Connection
	// Waiting is the number of calls that wait for a stream.
	Waiting int
}

// Connection is a ready connection.
type Connection struct {
	// Address is the address that was dialled, the first one if there were several.
	Address string
	// Streams is the number of streams that calls use.
	Streams int
	// Limit is the number of streams that calls may use: what the server allows, minus
	// the stream that is kept for health checks. A server without a limit counts as one
	// that allows math.MaxInt32.
	Limit int
}

// registry knows the policies of one client. There are two while grpc replaces
// one, and none while the client is idle. A nil registry knows none.
type registry struct {
	mu       sync.Mutex
	policies []*policy
}

func (r *registry) add(p *policy) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.policies = append(r.policies, p)
}

func (r *registry) remove(p *policy) {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.policies = slices.DeleteFunc(r.policies, func(other *policy) bool { return other == p })
}

func (r *registry) stats() Stats {
	r.mu.Lock()
	policies := slices.Clone(r.policies)
	r.mu.Unlock()
	var stats Stats
	for _, p := range policies {
		if c := p.child.Load(); c != nil {
			for _, s := range c.all() {
				s.addTo(&stats)
			}
		}
	}
	slices.SortStableFunc(stats.Connections, func(a, b Connection) int { return cmp.Compare(a.Address, b.Address) })
	return stats
}

func (s *subchannel) addTo(stats *Stats) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var address string
	if len(s.addrs) > 0 {
		address = s.addrs[0].Addr
	}
	for _, c := range s.conns {
		stats.Connections = append(stats.Connections, Connection{
			Address: address,
			Streams: c.streams,
			Limit:   max(c.allowed-s.kept, 0),
		})
	}
	stats.Waiting += s.queue.len()
}
