package gohost

// AcceptOption is an option of [NewHostCheck] and of [Credentials]: [AlsoAccept].
type AcceptOption struct{ hosts []string }

// AlsoAccept returns an option that accepts more hosts: for a [HostCheck], in
// addition to those that a service declares; for [Credentials], in addition to those
// that the server's certificate names. Each is a pattern: a host without a port, or
// "*.name" for all hosts below name. The port that a call names does not matter. Several
// such options add up. By default no more hosts are accepted.
func AlsoAccept(hosts ...string) AcceptOption { return AcceptOption{hosts} }

func (o AcceptOption) applyToHostCheck(c *HostCheck) error { return o.addTo(&c.also) }

func (o AcceptOption) applyToCredentials(c *transportCredentials) error { return o.addTo(&c.hosts) }

func (o AcceptOption) addTo(hosts *[]string) error {
	patterns, err := patternsOf(o.hosts)
	*hosts = append(*hosts, patterns...)
	return err
}
