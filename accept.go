package gohost

// AcceptOption is an option of [NewHostCheck] and of [Credentials]: [AlsoAccept].
type AcceptOption struct{ hosts []string }

// AlsoAccept returns an option that accepts more hosts: for a [HostCheck], in
// addition to those that a service declares; for [Credentials], in addition to those
// that the server's certificate names. "*.name" stands for all hosts below name.
// Several such options add up.
func AlsoAccept(hosts ...string) AcceptOption { return AcceptOption{hosts} }

func (o AcceptOption) applyToHostCheck(c *HostCheck) error { return o.addTo(&c.also) }

func (o AcceptOption) applyToCredentials(c *transportCredentials) error { return o.addTo(&c.hosts) }

func (o AcceptOption) addTo(hosts *[]string) error {
	patterns, err := patternsOf(o.hosts)
	*hosts = append(*hosts, patterns...)
	return err
}
