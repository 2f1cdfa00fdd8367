package declared

import (
	"strings"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/gohostrpc/gohost/internal/hostname"
	"github.com/gohostrpc/gohost/internal/source"
)

// defaultHostField is the number of the extension google.api.default_host of
// google.protobuf.ServiceOptions.
const defaultHostField = 1049

// defaultHost returns what option (google.api.default_host) of s declares. It
// returns "", with a warning, for a value that is no host, since the option
// was written for other software.
func (h *Hosts) defaultHost(s protoreflect.ServiceDescriptor) string {
	if h.parameters.ignoreDefaultHost {
		return ""
	}
	value := stringField(s.Options(), defaultHostField)
	if value == "" {
		return ""
	}
	host := strings.TrimSuffix(value, ":443")
	if err := hostname.CheckDeclared(host); err != nil {
		h.warn(source.FieldPosition(s, defaultHostField), s, "google.api.default_host is skipped: %v", err)
		return ""
	}
	return host
}

// stringField returns the last value of the string field of m with that
// number, or "". It reads the bytes, so that it makes no difference whether
// this program knows the field.
func stringField(m proto.Message, number protowire.Number) string {
	b, err := proto.Marshal(m)
	if err != nil {
		return ""
	}
	value := ""
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 {
			return value
		}
		size := protowire.ConsumeFieldValue(num, typ, b[n:])
		if size < 0 {
			return value
		}
		if num == number && typ == protowire.BytesType {
			v, _ := protowire.ConsumeBytes(b[n:])
			value = string(v)
		}
		b = b[n+size:]
	}
	return value
}
