package declared

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/diag"
)

// sharing is a host and the services that have it.
type sharing struct {
	host     string
	at       diag.Place // where the first one declares it
	services []protoreflect.ServiceDescriptor
}

// note records that s declares host, which may be "".
func (h *Hosts) note(s protoreflect.ServiceDescriptor, host string, at diag.Place) {
	if host == "" {
		return
	}
	shared := h.byHost[host]
	if shared == nil {
		shared = &sharing{host: host, at: at}
		h.byHost[host] = shared
		h.shared = append(h.shared, shared)
	}
	shared.services = append(shared.services, s)
}

// WarnShared warns of each host that several services of the file share. Hosts
// of google.api.default_host do not count: their author wanted the services to
// share them. Plugins that do not see all files of a program together call
// WarnShared after calling OfService for all services.
func (h *Hosts) WarnShared() {
	for _, shared := range h.shared {
		if len(shared.services) < 2 {
			continue
		}
		others := make([]string, len(shared.services)-1)
		for i, s := range shared.services[1:] {
			others[i] = fmt.Sprintf("%s (%v)", s.FullName(), diag.Position(s))
		}
		h.warn(shared.at, shared.services[0], "host %q is also that of %s: a proxy that routes only by host sends all calls to one backend",
			shared.host, strings.Join(others, ", "))
	}
}
