package migrate

func (p *program) convertClientStreaming(plan *plan, c call) string {
	return "client streaming is not moved"
}
func (p *program) convertBidirectional(plan *plan, c call) string {
	return "bidirectional streaming is not moved"
}
