package gohost

// AcceptOption is an option of [NewHostCheck] and of [Credentials]: [AlsoAccept].
type AcceptOption struct{ hosts []string }

// AlsoAccept returns an option by which more hosts are accepted: by a
// [HostCheck], beside those that a service declares, and by [Credentials],
// beside those that the server's certificate names. "*.name" stands for all
// hosts below name. Hosts of several such options add up.
func AlsoAccept(hosts ...string) AcceptOption { return AcceptOption{hosts} }

func (o AcceptOption) applyToHostCheck(c *HostCheck) error { return o.addTo(&c.also) }

func (o AcceptOption) applyToCredentials(c *transportCredentials) error { return o.addTo(&c.hosts) }

func (o AcceptOption) addTo(hosts *[]string) error {
	patterns, err := patternsOf(o.hosts)
	*hosts = append(*hosts, patterns...)
	return err
}
