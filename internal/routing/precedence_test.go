package routing_test

import (
	"testing"

	"github.com/gohostrpc/gohost/internal/routing"
)

// Every combination of sources that name a host and sources that do not; the
// call may also ask for the authority of the channel.
func TestPrecedence(t *testing.T) {
	t.Parallel()
	unset, channel := (*string)(nil), new(string)
	call := "call.example"
	combinations := 0
	for i, c := range []*string{unset, &call, channel} {
		for set := range 1 << 6 {
			s := routing.Sources{Call: c}
			others := []*string{&s.Environment, &s.Method, &s.Service, &s.DefaultHost, &s.FileTemplate, &s.Parameter}
			names := []string{"environment", "method", "service", "default-host", "file-template", "parameter"}
			for k, field := range others {
				if set&(1<<k) != 0 {
					*field = names[k] + ".example"
				}
			}
			wantHost, wantFrom := want(i, set, names)
			host, from := s.Host()
			if host != wantHost || from != wantFrom {
				t.Errorf("call %d, others %06b: Host = %q, %d; want %q, %d", i, set, host, from, wantHost, wantFrom)
			}
			combinations++
		}
	}
	if combinations != 3*64 {
		t.Errorf("%d combinations", combinations)
	}
}

// want states the expected result by hand.
func want(call, set int, names []string) (string, routing.Source) {
	const host, channel = 1, 2
	switch call {
	case host:
		return "call.example", routing.Call
	case channel:
		return "", routing.Call
	}
	from := []routing.Source{routing.Environment, routing.Method, routing.Service, routing.DefaultHost, routing.FileTemplate, routing.Parameter}
	for k, name := range names {
		if set&(1<<k) != 0 {
			return name + ".example", from[k]
		}
	}
	return "", routing.Channel
}
