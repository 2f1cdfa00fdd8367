package gohostconnect

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"connectrpc.com/connect/v2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// binarySuffix ends the keys of metadata with binary values, which are base64
// in a header.
const binarySuffix = "-bin"

// ofHTTP are the headers that belong to a protocol or to HTTP, and not to the
// metadata of a call. So do those that begin with "grpc-" or "connect-".
var ofHTTP = []string{
	"accept-encoding", "connection", "content-encoding", "content-length", "host", "keep-alive",
	"proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
}

// isReserved reports whether a call's metadata never has that key. It may have
// "content-type" and "user-agent", but only when received.
func isReserved(key string) bool {
	return strings.HasPrefix(key, ":") || strings.HasPrefix(key, "grpc-") || strings.HasPrefix(key, "connect-") ||
		slices.Contains(ofHTTP, key)
}

// isSent reports whether metadata with that key is sent.
func isSent(key string) bool {
	return !isReserved(key) && key != "content-type" && key != "user-agent"
}

// addTo adds md to a header. Like grpc, it skips reserved keys.
func addTo(h *connect.Header, md metadata.MD) {
	for key, values := range md {
		if !isSent(key) {
			continue
		}
		for _, v := range values {
			if strings.HasSuffix(key, binarySuffix) {
				v = connect.EncodeBinaryHeader([]byte(v))
			}
			h.Add(key, v)
		}
	}
}

// sentOf returns a copy of md with only the keys that are sent.
func sentOf(md metadata.MD) metadata.MD {
	sent := make(metadata.MD, len(md))
	for key, values := range md {
		if isSent(key) {
			sent[key] = append([]string(nil), values...)
		}
	}
	return sent
}

// check returns an error if md cannot be sent by the rules of grpc: net/http
// would silently drop it.
func check(md metadata.MD) error {
	for key, values := range md {
		if !isSent(key) {
			continue
		}
		if key == "" || strings.ContainsFunc(key, isNotOfKey) {
			return status.Errorf(codes.Internal, "header key %q contains illegal characters not in [0-9a-z-_.]", key)
		}
		if strings.HasSuffix(key, binarySuffix) {
			continue
		}
		for _, v := range values {
			if strings.ContainsFunc(v, isNotPrintable) {
				return status.Errorf(codes.Internal, "header key %q contains value with non-printable ASCII characters", key)
			}
		}
	}
	return nil
}

func isNotOfKey(r rune) bool {
	return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' && r != '.'
}

func isNotPrintable(r rune) bool { return r < ' ' || r > '~' }

// metadataOf returns the metadata in a header.
func metadataOf(h *connect.Header) (metadata.MD, error) {
	md := make(metadata.MD, h.Len())
	for key, values := range h.All() {
		if err := read(md, key, values); err != nil {
			return nil, err
		}
	}
	return md, nil
}

// metadataOfHTTP returns the metadata in a header of net/http, without values that cannot
// be decoded.
func metadataOfHTTP(h http.Header) metadata.MD {
	md := make(metadata.MD, len(h))
	for key, values := range h {
		_ = read(md, key, values) // a server's own
	}
	return md
}

// read reads the values of a header into md.
func read(md metadata.MD, key string, values []string) error {
	key = strings.ToLower(key)
	if isReserved(key) {
		return nil
	}
	if !strings.HasSuffix(key, binarySuffix) {
		md[key] = append(md[key], values...)
		return nil
	}
	for _, joined := range values {
		// HTTP may join values of one name with commas, which base64 does not contain.
		for text := range strings.SplitSeq(joined, ",") {
			data, err := connect.DecodeBinaryHeader(strings.TrimSpace(text))
			if err != nil {
				return fmt.Errorf("malformed binary metadata %q in header %q: %w", text, key, err)
			}
			md[key] = append(md[key], string(data))
		}
	}
	return nil
}
