package connscale

// Policies returns the number of the client's policies, and Subchannels the number of
// subchannels that they know.
func (c *Client) Policies() int {
	c.registry.mu.Lock()
	defer c.registry.mu.Unlock()
	return len(c.registry.policies)
}

func (c *Client) Subchannels() int {
	c.registry.mu.Lock()
	defer c.registry.mu.Unlock()
	n := 0
	for _, p := range c.registry.policies {
		if child := p.child.Load(); child != nil {
			n += len(child.all())
		}
	}
	return n
}
