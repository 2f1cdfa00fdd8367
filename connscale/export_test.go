package connscale

// Policies returns how many policies of the client there are, and Subchannels how
// many subchannels they know.
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
