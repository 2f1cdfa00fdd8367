package connscale

// Subchannels returns how many subchannels the policies of the client know.
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
