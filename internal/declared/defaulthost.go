package declared

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/diag"
	"github.com/gohostrpc/gohost/internal/hostname"
)

// defaultHost returns the host that option (google.api.default_host) of s
// declares, and its place. For a value that is not a host it returns "" and
// writes a warning, since the option was written for other software. Like our
// options it is known by its name: if no file that s sees declares it, its
// number means something else.
func (h *Hosts) defaultHost(s protoreflect.ServiceDescriptor) (string, diag.Place) {
	option := h.request.options.Find(s.ParentFile().Path(), defaultHost)
	if option == nil || h.request.ignoreDefaultHost {
		return "", diag.Place{}
	}
	value := option.String(s)
	if value == "" {
		return "", diag.Place{}
	}
	at := h.places.Position(s, option.Number)
	host := strings.TrimSuffix(value, ":443")
	if err := hostname.CheckDeclared(host); err != nil {
		h.warn(at, s, "google.api.default_host is skipped: %v", err)
		return "", at
	}
	return host, at
}
