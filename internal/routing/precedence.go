// Package routing decides which host a call names: which source wins, and what
// the environment says.
package routing

// Sources holds the hosts that were named, by source, in order of precedence.
type Sources struct {
	Call         *string // the last gohost.Host given to With
	Environment  string  // the entry of GOHOST_HOSTS
	Method       string  // option (gohost.v1.method)
	Service      string  // option (gohost.v1.service)
	DefaultHost  string  // option (google.api.default_host)
	FileTemplate string  // option (gohost.v1.file), for this service
	Parameter    string  // plugin parameter host_template, for this service
}

// A Source is one of Sources.
type Source int

// The sources, from the highest precedence to the lowest.
const (
	Call Source = iota
	Environment
	Method
	Service
	DefaultHost
	FileTemplate
	Parameter
	Channel // no source names a host: the call has the authority of the channel
)

// Host returns the host that a call names, and its source. It is the first one
// that is set: by the call, the environment, the method, the service,
// google.api.default_host, the template of the file, or the plugin parameter.
// If none is set, Host returns "", the authority of the channel; a call may
// also ask for that with "".
//
// The generator calls Host with the declarations of a .proto and the
// parameters. A stub uses the result as Service when it is made.
func (s Sources) Host() (string, Source) {
	if s.Call != nil {
		return *s.Call, Call
	}
	for i, host := range []string{s.Environment, s.Method, s.Service, s.DefaultHost, s.FileTemplate, s.Parameter} {
		if host != "" {
			return host, Environment + Source(i)
		}
	}
	return "", Channel
}
