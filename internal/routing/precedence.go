// Package routing decides which host a call names: who wins among those that
// want to say so, and what the environment wants.
package routing

// Sources are the hosts that those who may name one have named, in the order
// in which they are asked.
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

// The sources, from the one that wins over all others to the one that is left.
const (
	Call Source = iota
	Environment
	Method
	Service
	DefaultHost
	FileTemplate
	Parameter
	Channel // nobody has named a host: the call has the authority of the channel
)

// Host returns the host that a call names, and who has named it. It is the
// first one that is set: by the call, the environment, the method, the service,
// google.api.default_host, the template of the file, and the plugin parameter.
// Where none is, it is the authority of the channel, which "" stands for; a call
// may ask for that with "".
//
// The generator asks with what a .proto and the parameters declare; what comes
// of that for a service is the Service that a stub asks with when it is made.
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
