package proxy

// envoyCluster is an upstream in Envoy's configuration.
type envoyCluster struct {
	*upstream
	HealthCheck   int // seconds between two checks; 0 for none
	HealthTimeout int // seconds that a check may take
}

// EnvoyClusters returns all upstreams.
func (c *config) EnvoyClusters() []envoyCluster {
	var clusters []envoyCluster
	for _, u := range c.Upstreams {
		clusters = append(clusters, envoyCluster{u, c.HealthCheck, c.HealthTimeout()})
	}
	return clusters
}

// HealthTimeout returns how long a health check may take, in seconds: the
// interval of the checks, and at most 5.
func (c *config) HealthTimeout() int { return min(c.HealthCheck, 5) }
